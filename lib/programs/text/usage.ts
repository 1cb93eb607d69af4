/** A command line that a tool refuses. Authority: coreutils' and BusyBox's own messages, recorded beside each tool. */
export type Flavour = 'gnu' | 'busybox';

/** The message is without the tool's name; `hint`: GNU adds "Try 'sort --help' for more information.", BusyBox shows its usage. */
export class UsageError extends Error {
  constructor(
    message: string,
    readonly hint = false,
  ) {
    super(message);
  }
}
/** ‘text’ as GNU quotes in UTF-8, as a byte string. */
export const quoted = (text: string): string => `\xe2\x80\x98${text}\xe2\x80\x99`;
