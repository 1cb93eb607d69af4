/** The machine's face: boot, step, timelines, links, completion, and the views that pictures are drawn from. */
export { complete } from './complete';
export * from './face';
export { boot, type ConsoleStep, consoleOn, FUEL, MAX_INPUT, type Machine, runConsole, step } from './machine';
export { type Scenario, scenarioNames, scenarioOf } from './scenarios';
export * as timeline from './timeline';
export * as look from './views/look';
export { type Why, why } from './why';
