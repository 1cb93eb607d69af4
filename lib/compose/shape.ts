/**
 * The fields of a Compose project and their types, in the order in which Compose prints them: compose-go, types.
 * Loading reads a file by these tables, `config` writes by them.
 */

export type Type =
  | 'string'
  | 'bool'
  | 'int'
  | 'float'
  /** A number of CPUs, as a number or text. */
  | 'cpus'
  /** "64m": printed as a text of bytes. */
  | 'bytes'
  | 'duration'
  /** Octal: "0440". */
  | 'mode'
  /** A list of texts, or one. */
  | 'strings'
  /** Words of a shell, or a list of them. */
  | 'command'
  | 'healthtest'
  /** "k=v" texts or a mapping; without a value it is unset. */
  | 'environment'
  /** The same; without a value it is empty. */
  | 'mapping'
  | 'hosts'
  | 'ssh'
  | 'ulimit'
  | 'count'
  | 'any'
  | { list: Type }
  | { map: Type }
  | Shape;

export interface Field {
  name: string;
  type: Type;
  /** Kept where it is false or 0: it can also be unset. */
  optional?: boolean;
  /** Its name in JSON. */
  json?: string;
  /** Said in JSON even where there is nothing to say. */
  always?: 'null' | 'empty';
}
export interface Shape {
  fields: Field[];
}

/** "name:type" words; "?" after the type: optional. */
const struct = (...fields: (Field | string)[]): Shape => ({
  fields: fields.map((f) => {
    if (typeof f !== 'string') return f;
    const [name = '', type = 'string'] = f.split(':');
    return { name, type: type.replace('?', '') as Type, ...(type.endsWith('?') ? { optional: true } : {}) };
  }),
});
const field = (name: string, type: Type, more: Partial<Field> = {}): Field => ({ name, type, ...more });
const list = (type: Type): Type => ({ list: type });
const map = (type: Type): Type => ({ map: type });

const fileReference = struct('source', 'target', 'uid', 'gid', 'mode:mode');
const deviceRequest = struct('capabilities:strings', 'driver', 'count:count', 'device_ids:strings', 'options:mapping');
const weightDevice = struct(field('path', 'string', { json: 'Path' }), field('weight', 'int', { json: 'Weight' }));
const throttleDevice = struct(field('path', 'string', { json: 'Path' }), field('rate', 'bytes', { json: 'Rate' }));
const blkio = struct(
  'weight:int',
  field('weight_device', list(weightDevice)),
  field('device_read_bps', list(throttleDevice)),
  field('device_read_iops', list(throttleDevice)),
  field('device_write_bps', list(throttleDevice)),
  field('device_write_iops', list(throttleDevice)),
);
const build = struct(
  'context',
  'dockerfile',
  'dockerfile_inline',
  'entitlements:strings',
  'args:environment',
  'provenance',
  'sbom',
  field('ssh', 'ssh'),
  'labels:mapping',
  'cache_from:strings',
  'cache_to:strings',
  'no_cache:bool',
  'no_cache_filter:strings',
  'additional_contexts:mapping',
  'pull:bool',
  'extra_hosts:hosts',
  'isolation',
  'network',
  'target',
  field('secrets', list(fileReference)),
  'shm_size:bytes',
  'tags:strings',
  field('ulimits', map('ulimit')),
  'platforms:strings',
  'privileged:bool',
);
const hook = struct('command:command', 'user', 'privileged:bool', 'working_dir', 'environment:environment');
/** A hook of the release after 2.40. */
const startHook = struct('image', ...hook.fields, 'per_replica:bool');
const trigger = struct('path', 'action', 'target', field('exec', hook), 'include:strings', 'ignore:strings', 'initial_sync:bool');
const updateConfig = struct('parallelism:int?', 'delay:duration', 'failure_action', 'monitor:duration', 'max_failure_ratio:float', 'order');
const resource = struct(
  'cpus:cpus',
  'memory:bytes',
  'pids:int',
  field('devices', list(deviceRequest)),
  field('generic_resources', list(struct(field('discrete_resource_spec', struct('kind', 'value:int'))))),
);
const deploy = struct(
  'mode',
  'replicas:int?',
  'labels:mapping',
  field('update_config', updateConfig),
  field('rollback_config', updateConfig),
  field('resources', struct(field('limits', resource), field('reservations', resource)), { always: 'empty' }),
  field('restart_policy', struct('condition', 'delay:duration?', 'max_attempts:int?', 'window:duration?')),
  field('placement', struct('constraints:strings', field('preferences', list(struct('spread'))), 'max_replicas_per_node:int'), {
    always: 'empty',
  }),
  'endpoint_mode',
);
const volumeMount = struct(
  'type',
  'source',
  'target',
  'read_only:bool',
  'consistency',
  field('bind', struct('selinux', 'propagation', 'create_host_path:bool', 'recursive')),
  field('volume', struct('labels:mapping', 'nocopy:bool', 'subpath')),
  field('tmpfs', struct('size:bytes', 'mode:int')),
  field('image', struct('subpath')),
);
const port = struct('name', 'mode', 'host_ip', 'target:int', 'published', 'protocol', 'app_protocol');
const serviceNetwork = struct(
  'aliases:strings',
  'driver_opts:mapping',
  'gw_priority:int',
  'interface_name',
  'ipv4_address',
  'ipv6_address',
  'link_local_ips:strings',
  'mac_address',
  'priority:int',
);

export const SERVICE = struct(
  'profiles:strings',
  'annotations:mapping',
  'attach:bool?',
  field('build', build),
  field('develop', struct(field('watch', list(trigger)))),
  field('blkio_config', blkio),
  'cap_add:strings',
  'cap_drop:strings',
  'cgroup_parent',
  'cgroup',
  'cpu_count:int',
  'cpu_percent:float',
  'cpu_period:int',
  'cpu_quota:int',
  'cpu_rt_period:int',
  'cpu_rt_runtime:int',
  'cpus:float',
  'cpuset',
  'cpu_shares:int',
  field('command', 'command', { always: 'null' }),
  field('configs', list(fileReference)),
  'container_name',
  field('credential_spec', struct('config', 'file', 'registry')),
  field('depends_on', map(struct('condition', 'restart:bool', field('required', 'bool', { optional: true })))),
  field('deploy', deploy),
  'device_cgroup_rules:strings',
  field('devices', list(struct('source', 'target', 'permissions'))),
  'dns:strings',
  'dns_opt:strings',
  'dns_search:strings',
  'dockerfile',
  'domainname',
  field('entrypoint', 'command', { always: 'null' }),
  field('provider', struct('type', field('options', 'any'))),
  'environment:environment',
  field('env_file', list(struct('path', field('required', 'bool', { optional: true }), 'format'))),
  'expose:strings',
  field('extends', struct('file', 'service')),
  'external_links:strings',
  'extra_hosts:hosts',
  'group_add:strings',
  field('gpus', list(deviceRequest)),
  'hostname',
  field(
    'healthcheck',
    struct(
      'test:healthtest',
      'timeout:duration?',
      'interval:duration?',
      'retries:int?',
      'start_period:duration?',
      'start_interval:duration?',
      'disable:bool',
    ),
  ),
  'image',
  'init:bool?',
  'ipc',
  'isolation',
  'labels:mapping',
  'label_file:strings',
  'links:strings',
  field('logging', struct('driver', 'options:mapping')),
  'mem_limit:bytes',
  'mem_reservation:bytes',
  'memswap_limit:bytes',
  'mem_swappiness:bytes',
  'mac_address',
  field('models', map(struct('endpoint_var', 'model_var'))),
  'network_mode',
  field('networks', map(serviceNetwork)),
  'oom_kill_disable:bool',
  'oom_score_adj:int',
  'pid',
  'pids_limit:int',
  'platform',
  field('ports', list(port)),
  'privileged:bool',
  'pull_policy',
  'read_only:bool',
  'restart',
  'runtime',
  'scale:int?',
  field('secrets', list(fileReference)),
  'security_opt:strings',
  'shm_size:bytes',
  'stdin_open:bool',
  'stop_grace_period:duration?',
  'stop_signal',
  'storage_opt:mapping',
  'sysctls:mapping',
  'tmpfs:strings',
  'tty:bool',
  field('ulimits', map('ulimit')),
  'use_api_socket:bool',
  'user',
  'userns_mode',
  'uts',
  'volume_driver',
  field('volumes', list(volumeMount)),
  'volumes_from:strings',
  'working_dir',
  field('pre_start', list(startHook)),
  field('post_start', list(hook)),
  field('pre_stop', list(hook)),
);

const NETWORK = struct(
  'name',
  'driver',
  'driver_opts:mapping',
  field(
    'ipam',
    struct('driver', field('config', list(struct('subnet', 'gateway', 'ip_range', 'aux_addresses:mapping'))), 'options:mapping'),
    {
      always: 'empty',
    },
  ),
  'external:bool',
  'internal:bool',
  'attachable:bool',
  'labels:mapping',
  'enable_ipv4:bool?',
  'enable_ipv6:bool?',
);
const VOLUME = struct('name', 'driver', 'driver_opts:mapping', 'external:bool', 'labels:mapping');
const FILE_OBJECT = struct(
  'name',
  'file',
  'environment',
  'content',
  'external:bool',
  'labels:mapping',
  'driver',
  'driver_opts:mapping',
  'template_driver',
);
const MODEL = struct('name', 'model', 'context_size:int', 'runtime_flags:strings');

export const PROJECT = struct(
  'name',
  field('services', map(SERVICE)),
  field('networks', map(NETWORK)),
  field('volumes', map(VOLUME)),
  field('secrets', map(FILE_OBJECT)),
  field('configs', map(FILE_OBJECT)),
  field('models', map(MODEL)),
);
