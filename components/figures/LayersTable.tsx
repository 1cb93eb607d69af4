/** The layers drawing as a table, from the same view: every entry, not only those that the drawing has room for. */
import type { LayerCell, LayerEntry, LayersView } from '../../lib/machine/views/layers';
import { Heads } from './Heads';
import { wordsOf } from './layers-plan';
import { humanSize } from './parts';

const nameOf = (view: LayersView, layer: number) =>
  layer === 0 ? 'upperdir' : `lowerdir ${layer}${layer === view.layers.length - 1 ? ` · ${view.layers[layer]?.label ?? ''}` : ''}`;

function Held({ view, entry, cell, how }: { view: LayersView; entry: LayerEntry; cell: LayerCell; how?: string }) {
  const at = nameOf(view, cell.layer);
  if (cell.what === 'whiteout') return `${at}, whiteout`;
  if (cell.what === 'opaque') return `${at}, opaque directory`;
  return (
    <>
      {at}
      {how && `, ${how}`} <i>{wordsOf(entry, cell)}</i>
    </>
  );
}

function Source({ view, entry }: { view: LayersView; entry: LayerEntry }) {
  const shown = entry.cells.find((c) => c.layer === entry.from);
  if (shown)
    return (
      <Held view={view} entry={entry} cell={shown} how={shown.layer > 0 ? undefined : entry.copiedFrom === null ? 'new' : 'copied up'} />
    );
  return entry.cells[0]?.what === 'opaque' ? 'nothing: an opaque directory hides it' : 'nothing: whiteout, device 0, 0';
}

export function LayersTable({ view }: { view: LayersView }) {
  return (
    <>
      <div className="wide-table">
        <table>
          <Heads of={['path in merged', 'comes from', 'below it, hidden']} />
          <tbody>
            {view.entries.map((entry) => {
              const hidden = entry.cells.filter((c) => c.layer !== entry.from && !(entry.from === null && c === entry.cells[0]));
              return (
                <tr key={entry.path} className={entry.changed ? 'now' : undefined}>
                  <td>{entry.path}</td>
                  <td>
                    <Source view={view} entry={entry} />
                  </td>
                  <td>
                    {hidden.length === 0
                      ? '—'
                      : hidden.map((cell, i) => (
                          <span key={cell.layer}>
                            {i > 0 && '; '}
                            <Held view={view} entry={entry} cell={cell} />
                          </span>
                        ))}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
        <table>
          <Heads of={['layer', 'made by', 'size', 'on the host']} />
          <tbody>
            {view.layers.map((layer, i) => (
              <tr key={layer.path} className={layer.changed ? 'now' : undefined}>
                <td>{i === 0 ? 'upperdir' : `lowerdir ${i}`}</td>
                <td>{layer.label}</td>
                <td>{humanSize(layer.size)}</td>
                <td className="path">{layer.path}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="m dim">
        {view.more > 0 && `${view.more.toLocaleString('en')} more paths come from one layer each. `}
        {view.siblings.length > 0 &&
          `Over the same lower layers: ${view.siblings.map((s) => `${s.name}, with ${humanSize(s.upperSize)} of its own`).join('; ')}.`}
      </p>
    </>
  );
}
