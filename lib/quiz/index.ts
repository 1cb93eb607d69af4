/** The face of quiz: questions and tasks as data, posed and graded by running the machine. */
export { Claim, FACTS, type FactName, missing, says } from './facts';
export { faults, taskFaults } from './faults';
export type { Answer, Form, Posed, Verdict } from './kind';
export { grade, KINDS, type KindName, pose, Question, trials, variantOf, variantsOf } from './question';
export { type FactState, type Progress, progress, Task } from './task';
export type { Ground, Shown, World } from './world';
