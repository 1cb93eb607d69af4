import type { Command } from '../api';
export const STACK_COMMANDS: Readonly<Record<string, Command>> = {};
