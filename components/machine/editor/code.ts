/** The editor of files: CodeMirror, in the colours of the page. No React; made once for a host element. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, HighlightStyle, indentOnInput, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { dockerFile } from '@codemirror/legacy-modes/mode/dockerfile';
import { shell } from '@codemirror/legacy-modes/mode/shell';
import { type Diagnostic, setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { Finding } from './advice';
import { kindOfFile } from './files';

const COLOURS = HighlightStyle.define([
  { tag: [tags.comment, tags.lineComment], color: 'var(--ink-2)', fontStyle: 'italic' },
  { tag: [tags.keyword, tags.definitionKeyword, tags.propertyName, tags.definition(tags.propertyName)], fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--a-green)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--a-blue)' },
  { tag: [tags.variableName, tags.special(tags.variableName), tags.meta], color: 'var(--a-magenta)' },
]);

const LOOK = EditorView.theme({
  '&': { backgroundColor: 'var(--film)', color: 'var(--ink)', height: '100%', fontSize: '0.84375rem' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.45', fontFeatureSettings: '"NWID"', fontVariantLigatures: 'none' },
  '.cm-content': { caretColor: 'var(--lead)' },
  '.cm-cursor': { borderLeftColor: 'var(--lead)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'var(--film)', color: 'var(--ink-2)', borderRight: '0.75px solid var(--hair)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--wash)' },
  '&.cm-focused': { outline: '2px solid var(--lead)', outlineOffset: '-2px' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection': { backgroundColor: 'var(--hair)' },
  '.cm-lintRange-error, .cm-lintRange-warning, .cm-lintRange-info': {
    backgroundImage: 'none',
    textDecoration: 'underline dotted 1.5px',
    textUnderlineOffset: '0.25em',
  },
});

function languageOf(path: string): Extension {
  const kind = kindOfFile(path);
  if (kind === 'dockerfile') return StreamLanguage.define(dockerFile);
  if (kind === 'compose' || /\.ya?ml$/.test(path)) return yaml();
  return /\.sh$/.test(path) ? StreamLanguage.define(shell) : [];
}

export interface CodeEditor {
  text(): string;
  /** Replaces the text; undo does not go back over it. */
  open(path: string, text: string): void;
  /** The file is called otherwise now: another language, perhaps. */
  rename(path: string): void;
  mark(findings: readonly Finding[]): void;
  /** Puts the cursor on a line, from 1. */
  go(line: number): void;
  destroy(): void;
}

interface Options {
  path: string;
  changed: (text: string) => void;
  save: () => void;
}

export function codeEditor(host: HTMLElement, { path, changed, save }: Options): CodeEditor {
  const [language, label] = [new Compartment(), new Compartment()];
  const named = (at: string) => EditorView.contentAttributes.of({ 'aria-label': `Text of ${at}` });
  const stateOf = (at: string, doc: string) =>
    EditorState.create({
      doc,
      extensions: [
        lineNumbers(),
        history(),
        indentOnInput(),
        bracketMatching(),
        highlightActiveLine(),
        syntaxHighlighting(COLOURS),
        LOOK,
        keymap.of([{ key: 'Mod-s', run: () => (save(), true), preventDefault: true }, ...defaultKeymap, ...historyKeymap]),
        EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
        language.of(languageOf(at)),
        label.of(named(at)),
      ],
    });
  const view = new EditorView({ parent: host, state: stateOf(path, '') });
  const lineAt = (line: number) => view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
  return {
    text: () => view.state.doc.toString(),
    open: (at, text) => view.setState(stateOf(at, text)),
    rename: (at) => view.dispatch({ effects: [language.reconfigure(languageOf(at)), label.reconfigure(named(at))] }),
    mark(findings) {
      const marks = findings.flatMap((f): Diagnostic[] =>
        f.lines ? [{ from: lineAt(f.lines[0]).from, to: lineAt(f.lines[1]).to, severity: f.severity, message: f.message }] : [],
      );
      view.dispatch(setDiagnostics(view.state, marks));
    },
    go(line) {
      view.dispatch({ selection: { anchor: lineAt(line).from }, scrollIntoView: true });
      view.focus();
    },
    destroy: () => view.destroy(),
  };
}
