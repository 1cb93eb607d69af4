import { expect, test } from 'vitest';
import { quorum } from './quorum';

test.each([
  [
    { managers: 1, down: 0 },
    { majority: 1, spare: 0, decides: true },
  ],
  [
    { managers: 2, down: 1 },
    { majority: 2, spare: 0, decides: false },
  ],
  [
    { managers: 3, down: 1 },
    { majority: 2, spare: 1, decides: true },
  ],
  [
    { managers: 4, down: 2 },
    { majority: 3, spare: 1, decides: false },
  ],
  [
    { managers: 5, down: 2 },
    { majority: 3, spare: 2, decides: true },
  ],
  [
    { managers: 7, down: 4 },
    { majority: 4, spare: 3, decides: false },
  ],
])('%j: the table of docs.docker.com, Administer and maintain a swarm', (of, want) => expect(quorum(of)).toEqual(want));
