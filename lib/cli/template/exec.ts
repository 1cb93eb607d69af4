/**
 * Running a template on a value (text/template, exec.go), with its error texts:
 *
 *   template: :1:2: executing "" at <.Foo>: can't evaluate field Foo in type *formatter.ContainerContext
 */
import { encode, strconv } from '../../base';
import { formatValue } from './format';
import type { Functions } from './funcs';
import { type Command, type Node, nodeText, type Operand, type Pipe, type Statement, type Template } from './node';
import { TemplateError } from './parse';
import {
  concrete,
  entryOf,
  type Func,
  fieldOf,
  float64,
  indirect,
  isNull,
  isTrue,
  keyValue,
  ofBool,
  ofInt,
  ofString,
  type Parameter,
  sortedKeys,
  type Type,
  typed,
  typeName,
  type Value,
} from './value';

export interface Options {
  /** A key that a map lacks is an error, not "<no value>". */
  missingKeyError?: boolean;
}

type Maybe = Value | undefined;

/** No value comes from the command before: not the same as one that is invalid. */
const missing = Symbol('missing');
type Final = Maybe | typeof missing;

interface Frame {
  template: string;
  variables: { name: string; value: Maybe }[];
  depth: number;
}

const deepest = 500;
/** Most statements that a template may run, and characters it may print. */
const mostSteps = 1_000_000;
const mostOutput = 16_000_000;

const canBeNil = (type: Type) => ['interface', 'map', 'pointer', 'slice', 'func'].includes(type.kind);
/** A named slice or map may stand where its plain form is wanted. */
const unnamed = (type: Type): Type => (type.kind === 'slice' || type.kind === 'map' ? { ...type, name: undefined } : type);

/** Where a loop's body ended. */
type Ended = 'break' | 'continue' | undefined;

export function executeTemplate(template: Template, functions: Functions, data: Maybe, { missingKeyError = false }: Options = {}): string {
  const out: string[] = [];
  let printed = 0;
  let steps = 0;
  let current: Node | undefined;
  let frame: Frame = { template: template.name, variables: [{ name: '$', value: data }], depth: 0 };

  const fail = (message: string): never => {
    const name = frame.template;
    if (!current) throw new TemplateError(`template: ${name}: ${message}`);
    const before = encode(template.source.slice(0, current.pos));
    const column = before.length - (before.lastIndexOf('\n') + 1);
    const line = before.split('\n').length;
    throw new TemplateError(
      `template: ${template.name}:${line}:${column}: executing ${strconv.quote(name)} at <${nodeText(current)}>: ${message}`,
    );
  };
  const write = (text: string) => {
    printed += text.length;
    if (printed > mostOutput) fail('drydock: more output than the model keeps');
    out.push(text);
  };

  const variable = (name: string) => frame.variables.findLast((each) => each.name === name) ?? fail(`undefined variable: ${name}`);

  /** Checks a value against a parameter. */
  const accept = (value: Maybe, param: Parameter): Maybe => {
    if (param === 'value') return value;
    if (param === 'any') return concrete(value);
    if (!value) return canBeNil(param) ? { type: param, data: undefined } : fail(`invalid value; expected ${typeName(param)}`);
    const held = concrete(value);
    const assignable = (each: Maybe) =>
      each !== undefined && (typeName(each.type) === typeName(param) || typeName(unnamed(each.type)) === typeName(param));
    if (assignable(value)) return value;
    if (assignable(held)) return held;
    if (value.type.kind === 'pointer' && typeName(value.type.elem) === typeName(param)) {
      return isNull(value.data) ? fail(`dereference of nil pointer of type ${typeName(param)}`) : { type: param, data: value.data };
    }
    return fail(`wrong type for value; expected ${typeName(param)}; got ${typeName((held ?? value).type)}`);
  };

  /** A literal where its type must be told by itself. */
  const literal = (node: Operand): Maybe => {
    switch (node.kind) {
      case 'bool':
        return ofBool(node.value);
      case 'string':
        return ofString(node.text);
      case 'number':
        return node.float ? { type: float64, data: node.value } : ofInt(node.value);
      default:
        return fail(`can't handle assignment of ${nodeText(node)} to empty interface argument`);
    }
  };

  const argument = (dot: Maybe, param: Parameter, node: Operand): Maybe => {
    current = node;
    switch (node.kind) {
      case 'dot':
        return accept(dot, param);
      case 'nil':
        if (typeof param === 'string') return undefined;
        return canBeNil(param) ? { type: param, data: undefined } : fail(`cannot assign nil to ${typeName(param)}`);
      case 'field':
        return accept(fieldChain(dot, dot, node, node.ident, [], missing), param);
      case 'variable':
        return accept(variableChain(dot, node, [], missing), param);
      case 'pipe':
        return accept(pipeline(dot, node), param);
      case 'identifier':
        return accept(callFunction(dot, node, node, [], missing), param);
      case 'chain':
        return accept(fieldChain(dot, argument(dot, 'value', node.node), node, node.fields, [], missing), param);
    }
    if (typeof param === 'string') return literal(node);
    const wanted: Partial<Record<Type['kind'], string>> = {
      bool: 'bool',
      string: 'string',
      int: 'integer',
      uint: 'unsigned integer',
      float: 'float',
    };
    const fits =
      node.kind === 'number'
        ? param.kind === 'int' || param.kind === 'uint'
          ? !node.float || Number.isInteger(node.value)
          : param.kind === 'float'
        : node.kind === param.kind;
    if (!fits)
      return fail(
        wanted[param.kind]
          ? `expected ${wanted[param.kind]}; found ${nodeText(node)}`
          : `can't handle ${nodeText(node)} for arg of type ${typeName(param)}`,
      );
    return { type: param, data: node.kind === 'string' ? node.text : node.value };
  };

  /** Calls a function or method with the operands after its name, and what the pipeline brings. */
  const call = (dot: Maybe, func: Func, name: string, node: Node, args: Operand[], final: Final): Maybe => {
    const { params, variadic } = func;
    const count = args.length + (final === missing ? 0 : 1);
    const fixed = variadic ? params.length - 1 : params.length;
    if (variadic ? count < fixed : count !== fixed) {
      fail(`wrong number of args for ${name}: want ${variadic ? `at least ${fixed} got ${args.length}` : `${fixed} got ${count}`}`);
    }
    const param = (i: number) => params[Math.min(i, params.length - 1)] as Parameter;
    if (name === 'and' || name === 'or') {
      let value: Maybe;
      for (const arg of args) {
        value = argument(dot, 'value', arg);
        if (isTrue(value) === (name === 'or')) return value;
      }
      return final === missing ? value : final;
    }
    if (name === 'call') {
      const target = args[0] ? argument(dot, 'value', args[0]) : final === missing ? undefined : final;
      const held = concrete(target);
      current = node;
      fail(
        `error calling call: ${held ? `non-function ${args[0] ? nodeText(args[0]) : ''} of type ${typeName(held.type)}` : 'call of nil'}`,
      );
    }
    const values = args.map((arg, i) => argument(dot, param(i), arg));
    if (final !== missing) values.push(accept(final, param(values.length)));
    try {
      return func.call(...values);
    } catch (error) {
      if (error instanceof TemplateError) throw error;
      current = node;
      return fail(`error calling ${name}: ${(error as Error).message}`);
    }
  };

  const callFunction = (
    dot: Maybe,
    node: Extract<Operand, { kind: 'identifier' }>,
    command: Node,
    args: Operand[],
    final: Final,
  ): Maybe => {
    current = node;
    const func = functions.get(node.name) ?? fail(`${strconv.quote(node.name)} is not a defined function`);
    return call(dot, func, node.name, command, args, final);
  };

  const field = (dot: Maybe, name: string, node: Node, args: Operand[], final: Final, receiver: Maybe): Maybe => {
    if (!receiver) return missingKeyError ? fail(`nil data; no entry for key ${strconv.quote(name)}`) : undefined;
    const typeText = typeName(receiver.type);
    const { value, nil } = indirect(receiver);
    if (!value) return undefined;
    if (nil && value.type.kind === 'interface') return fail(`nil pointer evaluating ${typeText}.${name}`);
    const { type, data } = value;
    const hasArgs = args.length > 0 || final !== missing;
    const methods = 'methods' in type ? type.methods : undefined;
    if (methods && Object.hasOwn(methods, name) && /^[A-Z]/.test(name)) {
      const method = methods[name] as (data: never) => Func;
      return call(dot, method(data as never), name, node, args, final);
    }
    if (type.kind === 'struct') {
      const found = fieldOf(type, data, name);
      if (found && hasArgs) return fail(`${name} has arguments but cannot be invoked as function`);
      if (found) return found;
    } else if (type.kind === 'map' && type.key.kind === 'string' && typeName(type.key) === 'string') {
      if (hasArgs) return fail(`${name} is not a method but has arguments`);
      const found = entryOf(type, data, name);
      return found || !missingKeyError ? found : fail(`map has no entry for key ${strconv.quote(name)}`);
    } else if (type.kind === 'pointer' && nil) {
      const known =
        type.elem.kind !== 'struct' || fieldOf(type.elem, {}, name) !== undefined || Object.hasOwn(type.elem.methods ?? {}, name);
      if (known) return fail(`nil pointer evaluating ${typeText}.${name}`);
    }
    return fail(`can't evaluate field ${name} in type ${typeText}`);
  };

  const fieldChain = (dot: Maybe, receiver: Maybe, node: Node, names: string[], args: Operand[], final: Final): Maybe => {
    let value = receiver;
    for (const name of names.slice(0, -1)) value = field(dot, name, node, [], missing, value);
    return field(dot, names.at(-1) as string, node, args, final, value);
  };

  const notAFunction = (command: Command, final: Final) => {
    if (command.args.length > 1 || final !== missing) fail(`can't give argument to non-function ${nodeText(command.args[0] as Operand)}`);
  };

  const variableChain = (
    dot: Maybe,
    node: Extract<Operand, { kind: 'variable' }>,
    args: Operand[],
    final: Final,
    command?: Command,
  ): Maybe => {
    current = node;
    const [name, ...fields] = node.ident;
    const { value } = variable(name as string);
    if (fields.length > 0) return fieldChain(dot, value, node, fields, args, final);
    if (command) notAFunction(command, final);
    return value;
  };

  const runCommand = (dot: Maybe, command: Command, final: Final): Maybe => {
    const [first, ...args] = command.args as [Operand, ...Operand[]];
    switch (first.kind) {
      case 'field':
        current = first;
        return fieldChain(dot, dot, first, first.ident, args, final);
      case 'chain':
        current = first;
        return fieldChain(dot, argument(dot, 'value', first.node), first, first.fields, args, final);
      case 'identifier':
        return callFunction(dot, first, command, args, final);
      case 'pipe':
        notAFunction(command, final);
        return pipeline(dot, first);
      case 'variable':
        return variableChain(dot, first, args, final, command);
    }
    current = first;
    notAFunction(command, final);
    if (first.kind === 'dot') return dot;
    if (first.kind === 'nil') return fail('nil is not a command');
    return literal(first);
  };

  const pipeline = (dot: Maybe, pipe: Pipe): Maybe => {
    current = pipe;
    let value: Final = missing;
    for (const command of pipe.commands) value = concrete(runCommand(dot, command, value));
    const result = value === missing ? undefined : value;
    for (const name of pipe.declared) {
      if (pipe.assigns) variable(name).value = result;
      else frame.variables.push({ name, value: result });
    }
    return result;
  };

  const statements = (dot: Maybe, list: Statement[]): Ended => {
    for (const node of list) {
      const ended = statement(dot, node);
      if (ended) return ended;
    }
    return undefined;
  };

  /** Runs something, and forgets the variables it declared. */
  const scoped = <T>(run: () => T): T => {
    const known = frame.variables.length;
    const result = run();
    frame.variables.length = known;
    return result;
  };

  /** What a range goes over: pairs of a key and an element. */
  const elements = (value: Maybe): [Value, Maybe][] => {
    if (!value) return [];
    const { type, data } = value;
    if (type.kind === 'slice') return ((data ?? []) as unknown[]).map((item, i) => [ofInt(i), typed(type.elem, item)]);
    if (type.kind === 'map') return sortedKeys(data).map((key) => [keyValue(type.key, key), entryOf(type, data, key)]);
    if (type.kind === 'int' || type.kind === 'uint') {
      if (Number(data) > mostSteps) fail('drydock: a range longer than the model runs');
      return Array.from({ length: Math.max(0, Number(data)) }, (_, i) => [ofInt(i), { type, data: i }]);
    }
    return isNull(data) && type.kind === 'pointer' ? [] : fail(`range can't iterate over ${formatValue(value)}`);
  };

  const range = (dot: Maybe, node: Extract<Statement, { kind: 'if' | 'with' | 'range' }>): Ended =>
    scoped(() => {
      const value = indirect(pipeline(dot, node.pipe)).value;
      const [first, second] = node.pipe.declared;
      if (second && (value?.type.kind === 'int' || value?.type.kind === 'uint'))
        fail(`can't use ${formatValue(value)} to iterate over more than one variable`);
      const over = elements(value);
      const top = frame.variables.length;
      for (const [key, element] of over) {
        if (node.pipe.assigns) {
          if (first) variable(first).value = second ? key : element;
          if (second) variable(second).value = element;
        } else {
          if (first) (frame.variables[top - (second ? 2 : 1)] as { value: Maybe }).value = second ? key : element;
          if (second) (frame.variables[top - 1] as { value: Maybe }).value = element;
        }
        if (scoped(() => statements(element, node.list)) === 'break') return undefined;
      }
      return over.length === 0 && node.otherwise ? statements(dot, node.otherwise) : undefined;
    });

  const invoke = (dot: Maybe, node: Extract<Statement, { kind: 'template' }>): void => {
    const body = Object.hasOwn(template.defined, node.name) ? template.defined[node.name] : undefined;
    if (!body) return fail(`template ${strconv.quote(node.name)} not defined`);
    if (frame.depth >= deepest) fail(`exceeded maximum template depth (${deepest})`);
    const value = node.pipe ? pipeline(dot, node.pipe) : undefined;
    const outer = frame;
    frame = { template: node.name, variables: [{ name: '$', value }], depth: outer.depth + 1 };
    statements(value, body);
    frame = outer;
  };

  const statement = (dot: Maybe, node: Statement): Ended => {
    current = node;
    if (++steps > mostSteps) fail('drydock: more steps than the model runs');
    switch (node.kind) {
      case 'text':
        write(node.text);
        return undefined;
      case 'action': {
        const value = pipeline(dot, node.pipe);
        if (node.pipe.declared.length > 0) return undefined;
        current = node;
        const shown = value?.type.kind === 'pointer' ? indirect(value).value : value;
        write(shown ? formatValue(shown) : '<no value>');
        return undefined;
      }
      case 'range':
        return range(dot, node);
      case 'if':
      case 'with':
        return scoped(() => {
          const value = pipeline(dot, node.pipe);
          if (isTrue(value)) return statements(node.kind === 'with' ? value : dot, node.list);
          return node.otherwise ? statements(dot, node.otherwise) : undefined;
        });
      case 'template':
        invoke(dot, node);
        return undefined;
      default:
        return node.kind;
    }
  };

  statements(data, template.root);
  return out.join('');
}
