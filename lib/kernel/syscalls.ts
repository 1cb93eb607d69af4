/**
 * The system call table: what is in calls/ by kind, put together as the methods of whoever calls (calls/caller.ts). A new call
 * is a line of `Sys` (sys.ts) and a method in one of these files.
 */

import { attributeCalls } from './calls/attributes';
import { Caller } from './calls/caller';
import { fileCalls } from './calls/files';
import { mountCalls } from './calls/mounting';
import { nameCalls } from './calls/names';
import { namespaceCalls } from './calls/namespaces';
import { processCalls } from './calls/process';
import { rightsCalls } from './calls/rights';
import { signalCalls } from './calls/signals';
import { socketCalls } from './calls/sockets';
import { statCalls } from './calls/stat';
import { systemCalls } from './calls/system';
import { terminalCalls } from './calls/terminals';
import type { Sys } from './sys';

const TABLE: Omit<Sys, 'net'> = {
  ...fileCalls,
  ...statCalls,
  ...nameCalls,
  ...attributeCalls,
  ...mountCalls,
  ...processCalls,
  ...namespaceCalls,
  ...rightsCalls,
  ...signalCalls,
  ...terminalCalls,
  ...socketCalls,
  ...systemCalls,
};
Object.assign(Caller.prototype, TABLE);

export { makeSys } from './calls/caller';
export { become, MAGIC } from './calls/image';
export { newTask } from './calls/process';
export { ALL_CAPS } from './cred';
export { rouse, signalGroup } from './sched';
