import { describe, expect, test } from 'vitest';
import recorded from '../fidelity/recordings/lists.json';
import * as formats from './formats';
import { type Context, formatList } from './formatter';

type Flags = { quiet?: boolean; size?: boolean; digests?: boolean; human?: boolean };
type Kind = { context(flags: Flags): Context<never>; format(format: string, flags: Flags): string };

const kinds: Record<string, Kind> = {
  ps: { context: () => formats.containerContext, format: formats.containerFormat },
  images: { context: () => formats.imageContext, format: formats.imageFormat },
  volumes: { context: () => formats.volumeContext, format: formats.volumeFormat },
  networks: { context: () => formats.networkContext, format: formats.networkFormat },
  history: { context: ({ human = true }) => formats.historyContext(human), format: formats.historyFormat },
  contexts: { context: () => formats.clientContext, format: formats.clientContextFormat },
};

/** The sizes of a container come only when they are asked for. */
const withoutSizes = ({ SizeRw, SizeRootFs, ...rest }: Record<string, unknown>) => rest;

// Docker 28.5.
for (const { kind, flags, trunc, now, items, rows } of recorded.lists as {
  kind: string;
  flags: Flags;
  trunc: boolean;
  now: number;
  items: object[];
  rows: { format: string; output?: string; error?: string }[];
}[]) {
  describe(`${kind} ${JSON.stringify(flags)}${trunc ? '' : ' --no-trunc'}`, () => {
    test.each(rows.map((row) => [row.format, row] as const))('%s', (format, { output, error }) => {
      const { context, format: named } = kinds[kind] as Kind;
      const run = () => {
        const sized = kind !== 'ps' || flags.size || formats.containerFormatNeeds(format).size;
        return formatList(
          context(flags),
          named(format, flags),
          (sized ? items : items.map((item) => withoutSizes({ ...item }))) as never[],
          { trunc, now },
        );
      };
      if (error === undefined) expect(run()).toBe(output);
      else expect(run).toThrow(new Error(error));
    });
  });
}
