/** Every program of a machine, by the name that executables carry. */

import { programs as cli } from '../cli';
import { carrier, dockerd, dockerProxy, newidmap, rootlesskit, shim } from '../engine';
import type { Programs } from '../kernel';
import { applets, busybox, servers, programs as tools } from '../programs';
import { programs as shells } from '../shell';
import { registry } from './catalogue';
import { hello } from './hello';
import { initialEngine } from './preload';
import { idle, systemctl, systemd } from './systemd';

const { ash, ...hostShells } = shells;

export const programs: Programs = {
  ...tools,
  ...servers,
  ...hostShells,
  busybox: busybox({ ...applets, ash, sh: ash } as Programs),
  ...cli,
  systemctl,
  systemd,
  containerd: idle,
  dockerd: dockerd(registry, initialEngine),
  shim,
  'docker-proxy': dockerProxy,
  rootlesskit,
  'rootlesskit-port': carrier,
  slirp4netns: idle,
  newuidmap: newidmap('uid'),
  newgidmap: newidmap('gid'),
  hello,
};
