/** docker compose, command by command: a part of its own (lib/cli/parts.ts). */

import type { ComposeCommand } from '..';
import type { Command } from '../api';
import { config } from './config';

export const COMMANDS: Partial<Record<ComposeCommand, Command>> = { config };
