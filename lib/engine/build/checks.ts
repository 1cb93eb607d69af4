/**
 * Build checks: BuildKit's lint rules as records, and what says which of them count.
 * BuildKit frontend/dockerfile/linter; Dockerfile reference, "check" directive.
 */

import { strconv } from '../../base';
import type { Lines } from './parser';

export interface Rule {
  description: string;
  /** The last part of its page's address; null: it has none. */
  page: string | null;
  /** %s is what the rule is about, %q the same in quotes. */
  messages: readonly string[];
  experimental?: true;
  deprecated?: true;
}

export const RULES = {
  StageNameCasing: {
    description: 'Stage names should be lowercase',
    page: 'stage-name-casing',
    messages: ["Stage name '%s' should be lowercase"],
  },
  FromAsCasing: {
    description: "The 'as' keyword should match the case of the 'from' keyword",
    page: 'from-as-casing',
    messages: ["'%s' and '%s' keywords' casing do not match"],
  },
  NoEmptyContinuation: {
    description: 'Empty continuation lines will become errors in a future release',
    page: 'no-empty-continuation',
    messages: ['Empty continuation line'],
  },
  ConsistentInstructionCasing: {
    description: 'All commands within the Dockerfile should use the same casing (either upper or lower)',
    page: 'consistent-instruction-casing',
    messages: ["Command '%s' should match the case of the command majority (%s)"],
  },
  DuplicateStageName: {
    description: 'Stage names should be unique',
    page: 'duplicate-stage-name',
    messages: ['Duplicate stage name %q, stage names should be unique'],
  },
  ReservedStageName: {
    description: 'Reserved words should not be used as stage names',
    page: 'reserved-stage-name',
    messages: ['Stage name should not use the same name as reserved stage %q'],
  },
  JSONArgsRecommended: {
    description: 'JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals',
    page: 'json-args-recommended',
    messages: ['JSON arguments recommended for %s to prevent unintended behavior related to OS signals'],
  },
  MaintainerDeprecated: {
    description: 'The MAINTAINER instruction is deprecated, use a label instead to define an image author',
    page: 'maintainer-deprecated',
    messages: ['Maintainer instruction is deprecated in favor of using label'],
  },
  UndefinedArgInFrom: {
    description: 'FROM command must use declared ARGs',
    page: 'undefined-arg-in-from',
    messages: ["FROM argument '%s' is not declared", '', ' (did you mean %s?)'],
  },
  WorkdirRelativePath: {
    description:
      'Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes',
    page: 'workdir-relative-path',
    messages: ['Relative workdir %q can have unexpected results if the base image changes'],
  },
  UndefinedVar: {
    description: 'Variables should be defined before their use',
    page: 'undefined-var',
    messages: ["Usage of undefined variable '$%s'", '', ' (did you mean $%s?)'],
  },
  MultipleInstructionsDisallowed: {
    description: 'Multiple instructions of the same type should not be used in the same stage',
    page: 'multiple-instructions-disallowed',
    messages: ['Multiple %s instructions should not be used in the same stage because only the last one will be used'],
  },
  LegacyKeyValueFormat: {
    description: 'Legacy key/value format with whitespace separator should not be used',
    page: 'legacy-key-value-format',
    messages: ['\\"%s key=value\\" should be used instead of legacy \\"%s key value\\" format'],
  },
  InvalidBaseImagePlatform: {
    description: 'Base image platform does not match expected target platform',
    page: null,
    messages: ['Base image %s was pulled with platform %q, expected %q for current build'],
  },
  RedundantTargetPlatform: {
    description: 'Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior',
    page: 'redundant-target-platform',
    messages: ['Setting platform to predefined %s in FROM is redundant as this is the default behavior'],
  },
  SecretsUsedInArgOrEnv: {
    description: 'Sensitive data should not be used in the ARG or ENV commands',
    page: 'secrets-used-in-arg-or-env',
    messages: ['Do not use ARG or ENV instructions for sensitive data (%s %q)'],
  },
  InvalidDefaultArgInFrom: {
    description: 'Default value for global ARG results in an empty or invalid base image name',
    page: 'invalid-default-arg-in-from',
    messages: ['Default value for ARG %v results in empty or invalid base image name'],
  },
  FromPlatformFlagConstDisallowed: {
    description: 'FROM --platform flag should not use a constant value',
    page: 'from-platform-flag-const-disallowed',
    messages: ['FROM --platform flag should not use constant value %q'],
  },
  CopyIgnoredFile: {
    description: 'Attempting to Copy file that is excluded by .dockerignore',
    page: 'copy-ignored-file',
    messages: ['Attempting to %s file %q that is excluded by .dockerignore'],
    experimental: true,
  },
  InvalidDefinitionDescription: {
    description:
      'Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not intended to be a description comment, add an empty line or comment between the instruction and the comment.',
    page: 'invalid-definition-description',
    messages: ['Comment for %s should follow the format: `# %s <description>`'],
    experimental: true,
  },
  ExposeProtoCasing: {
    description: 'Protocol in EXPOSE instruction should be lowercase',
    page: 'expose-proto-casing',
    messages: ["Defined protocol '%s' in EXPOSE instruction should be lowercase"],
  },
  ExposeInvalidFormat: {
    description: 'IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release',
    page: 'expose-invalid-format',
    messages: ["EXPOSE instruction should not define an IP address or host-port mapping, found '%s'"],
    deprecated: true,
  },
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof RULES;

export const ruleUrl = (name: RuleName): string | null =>
  RULES[name].page === null ? null : `https://docs.docker.com/go/dockerfile/rule/${RULES[name].page}/`;

export interface Warning {
  rule: RuleName;
  message: string;
  lines: Lines;
}

/** The words of a rule about something. */
export function ruleMessage(name: RuleName, ...about: string[]): string {
  const [main = '', , more = ''] = RULES[name].messages as readonly string[];
  const fill = (text: string, values: string[]) =>
    text.replace(/%([sqv])/g, (_, verb: string) => (verb === 'q' ? strconv.quote(values.shift() ?? '') : (values.shift() ?? '')));
  const values = [...about];
  const text = fill(main.replace(/\\"/g, '"'), values);
  return values.length > 0 && values[0] !== '' && more !== '' ? text + fill(more, values) : text;
}

// ——— which rules count

export interface CheckOptions {
  skipAll: boolean;
  skip: readonly string[];
  experimentalAll: boolean;
  experimental: readonly string[];
  error: boolean;
}

const NONE: CheckOptions = { skipAll: false, skip: [], experimentalAll: false, experimental: [], error: false };

/** `skip=A,B;error=true;experimental=all`: the value of a check directive. */
export function parseCheckOptions(text: string): CheckOptions {
  let out = NONE;
  if (text === '') return out;
  for (const part of text.split(';')) {
    const eq = part.indexOf('=');
    if (eq < 0) throw new Error(`failed to parse check options: invalid check option ${strconv.quote(part)}`);
    const key = part.slice(0, eq).trim();
    const list = part
      .slice(eq + 1)
      .split(',')
      .map((x) => x.trim());
    const all = list.length === 1 && list[0] === 'all';
    if (key === 'skip') out = { ...out, skipAll: all, skip: all ? [] : list };
    else if (key === 'experimental') out = { ...out, experimentalAll: all, experimental: all ? [] : list };
    else if (key === 'error') {
      if (!/^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(list[0] ?? ''))
        throw new Error(
          `failed to parse check options: failed to parse check option "error": strconv.ParseBool: parsing ${strconv.quote(list[0] ?? '')}: invalid syntax`,
        );
      out = { ...out, error: strconv.parseBool(list[0] as string) };
    } else throw new Error(`failed to parse check options: invalid check option ${strconv.quote(key)}`);
  }
  return out;
}

/** Directives in comments right above an instruction narrow the rules for it. */
function withComments(o: CheckOptions, comments: readonly string[]): CheckOptions {
  let out = o;
  for (const c of comments) {
    const m = /^check\s*=\s*(.+?)\s*$/.exec(c);
    if (!m) continue;
    try {
      const own = parseCheckOptions(m[1] as string);
      out = {
        ...out,
        skipAll: out.skipAll || own.skipAll,
        skip: [...out.skip, ...own.skip],
        experimentalAll: out.experimentalAll || own.experimentalAll,
        experimental: [...out.experimental, ...own.experimental],
      };
    } catch {
      // What is no option list is a comment like any other.
    }
  }
  return out;
}

/** Collects warnings of the rules that count. */
export class Linter {
  readonly warnings: Warning[] = [];
  /** `settled`: rules on trial in this release that are looked at like the others, as later releases do. */
  constructor(
    readonly options: CheckOptions,
    private readonly settled: readonly RuleName[] = [],
  ) {}

  report(rule: RuleName, lines: Lines, about: string[], comments: readonly string[] = []) {
    const o = withComments(this.options, comments);
    const experimental = (RULES[rule] as Rule).experimental && !this.settled.includes(rule);
    if (experimental && !o.experimentalAll && !o.experimental.includes(rule)) return;
    if (!experimental && (o.skipAll || o.skip.includes(rule))) return;
    this.warnings.push({ rule, message: ruleMessage(rule, ...about), lines });
  }

  /** Why a build with `error=true` stops. */
  error(): string | null {
    if (!this.options.error || this.warnings.length === 0) return null;
    return `lint violation found for rules: ${[...new Set(this.warnings.map((w) => w.rule))].join(', ')}`;
  }
}
