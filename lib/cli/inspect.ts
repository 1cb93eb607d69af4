/**
 * `--format` of the inspect commands (docker/cli, cli/command/inspect): the template runs on the Go struct; where that
 * fails, on the engine's answer as it came, a map of maps, whose keys are those of the JSON.
 */
import { dockerFunctions, dockerTemplate, executeTemplate, rawJson, TemplateError, type Type, typed } from './template';

/** Parses a template once for many objects. Throws "template parsing error: …". */
export function inspector(format: string): (object: unknown, type: Type, options?: { raw?: boolean }) => string {
  const parsed = parsing(() => dockerTemplate(format));
  return (object, type, { raw = true } = {}) => {
    try {
      return parsing(() => executeTemplate(parsed, dockerFunctions, typed(type, object)));
    } catch (error) {
      if (!raw || !(error instanceof TemplateError)) throw error;
      return parsing(() => executeTemplate(parsed, dockerFunctions, { type: rawJson, data: object }, { missingKeyError: true }));
    }
  };
}

function parsing<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof TemplateError ? new TemplateError(`template parsing error: ${error.message}`) : error;
  }
}
