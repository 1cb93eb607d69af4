/** Every program of a machine, by the name that executables carry. */

import { programs as cli } from '../cli';
import { dockerd, dockerProxy, rootless, shim } from '../engine';
import type { Program, Programs } from '../kernel';
import { applets, busybox, later, servers, programs as tools } from '../programs';
import { programs as shells } from '../shell';
import { registry } from './catalogue';
import { hello } from './hello';
import { initialEngine } from './preload';
import { idle, systemctl, systemd } from './systemd';
import { runc, versioned } from './versioned';

const { ash, ...hostShells } = shells;

export const programs: Programs = {
  ...tools,
  ...servers,
  ...hostShells,
  busybox: busybox({ ...applets, ash, sh: ash } as Programs),
  ...cli,
  systemctl,
  systemd,
  containerd: versioned('containerd', idle),
  dockerd: versioned('dockerd', dockerd(registry, initialEngine)),
  runc: versioned('runc', runc),
  shim: versioned('shim', shim),
  'docker-proxy': dockerProxy,
  rootlesskit: later(() => rootless.get().rootlesskit as Program),
  'rootlesskit-port': later(() => rootless.get().carrier as Program),
  slirp4netns: idle,
  newuidmap: later(() => rootless.get().newidmap('uid') as Program),
  newgidmap: later(() => rootless.get().newidmap('gid') as Program),
  hello,
};
