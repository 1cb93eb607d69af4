/** Area "cgroup-values": values of cgroup v2 files, as runc's libraries convert them. */
import * as cgroup from '../../engine/cgroup-values';
import { NotModelled } from '../vectors';

type Input =
  | { fn: 'cpuWeight'; shares: number }
  | { fn: 'ioWeight'; weight: number }
  | { fn: 'memorySwapMax'; memory: number; memorySwap: number }
  | { fn: 'cpuList' | 'parseProcCgroup' | 'unifiedPath'; text: string }
  | { fn: 'hugePageSizes'; names: string[] }
  | { fn: 'cgroupDir'; parent: string; name: string; path: string };

export function cgroupValues(input: Input): unknown {
  switch (input.fn) {
    case 'cpuWeight':
      return cgroup.cpuWeight(input.shares);
    case 'ioWeight':
      return cgroup.ioWeight(input.weight);
    case 'memorySwapMax':
      return cgroup.memorySwapMax(input.memory, input.memorySwap);
    case 'cpuList':
      return cgroup.cpuList(input.text);
    case 'hugePageSizes':
      return cgroup.hugePageSizes(input.names);
    case 'parseProcCgroup':
      return cgroup.parseProcCgroup(input.text);
    case 'unifiedPath':
      return cgroup.unifiedPath(input.text);
    case 'cgroupDir':
      return cgroup.cgroupDir(input.parent, input.name, input.path);
    default:
      throw new NotModelled((input as { fn: string }).fn);
  }
}
