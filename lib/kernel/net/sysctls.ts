/**
 * What /proc/sys/net says where nothing was written: a Debian host's values; a container's are set by its runtime. What a link has
 * of its own is in conf.ts. Documentation/networking/ip-sysctl.rst, Documentation/admin-guide/sysctl/net.rst.
 *
 * Simplified: the names that guides set; other names are not there.
 */

const TABLE = `
net.bridge bridge-nf-call-arptables=1 bridge-nf-call-ip6tables=1 bridge-nf-call-iptables=1
net.core optmem_max=131072 rmem_default=212992 rmem_max=212992 somaxconn=4096 wmem_default=212992 wmem_max=212992
net.ipv4 icmp_echo_ignore_all=0 icmp_echo_ignore_broadcasts=1 icmp_ratelimit=1000 ip_default_ttl=64 ip_dynaddr=0 ip_early_demux=1
net.ipv4 ip_forward=0 ip_local_port_range=32768,60999 ip_local_reserved_ports= ip_no_pmtu_disc=0 ip_nonlocal_bind=0
net.ipv4 ip_unprivileged_port_start=1024 ping_group_range=1,0 tcp_abort_on_overflow=0 tcp_congestion_control=cubic tcp_ecn=2
net.ipv4 tcp_fastopen=1 tcp_fin_timeout=60 tcp_keepalive_intvl=75 tcp_keepalive_probes=9 tcp_keepalive_time=7200
net.ipv4 tcp_max_syn_backlog=2048 tcp_max_tw_buckets=131072 tcp_mtu_probing=0 tcp_no_metrics_save=0 tcp_orphan_retries=0
net.ipv4 tcp_retries1=3 tcp_retries2=15 tcp_rfc1337=0 tcp_rmem=4096,131072,6291456 tcp_sack=1 tcp_slow_start_after_idle=1
net.ipv4 tcp_syn_retries=6 tcp_synack_retries=5 tcp_syncookies=1 tcp_timestamps=1 tcp_tw_reuse=2 tcp_window_scaling=1
net.ipv4 tcp_wmem=4096,16384,4194304
net.ipv6 bindv6only=0 ip_nonlocal_bind=0
net.unix max_dgram_qlen=10`;

/** By name; several numbers are apart by tabs, as they read. */
export const DEFAULTS: Readonly<Record<string, string>> = Object.fromEntries(
  TABLE.trim()
    .split('\n')
    .flatMap((line) => {
      const [dir, ...files] = line.split(' ');
      return files.map((file) => {
        const [name, value = ''] = file.split('=');
        return [`${dir}.${name}`, value.replaceAll(',', '\t')];
      });
    }),
);

/** Of the whole machine: another network namespace than the first only shows them. */
export const GLOBAL = new Set(['rmem_default', 'rmem_max', 'wmem_default', 'wmem_max'].map((name) => `net.core.${name}`));
