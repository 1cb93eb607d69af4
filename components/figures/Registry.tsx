/**
 * A registry's disk: tags at the left, the manifests that they stand for, and the blobs that those refer to, each there once. What the
 * last step sent is marked; what it needed and found there says so; what nobody refers to is dashed. Twin: RegistryTable.tsx.
 */
import type { BlobRow, ManifestRow, RegistryView } from '../../lib/machine/views/registry';
import { ARROW, ARROW_NOW, Drawing, type Drawn, fit, humanSize, Text } from './parts';
import { BOX, planRegistry, shortDigest } from './registry-plan';

export const manifestWords = (m: ManifestRow) => (m.list ? `list of ${m.list.length}` : (m.platform ?? 'manifest'));
export const blobWords = (b: BlobRow) => (b.kind === 'loose' ? 'unreferenced' : b.kind);

export function registryLabel(view: RegistryView): string {
  const tags = view.tags.map((t) => `${t.name} is ${shortDigest(t.digest)}`).join(', ') || 'no tag';
  const of = (last: BlobRow['last']) => view.blobs.filter((b) => b.last === last).length;
  const last = of('sent') + of('was there') > 0 ? ` The last step sent ${of('sent')} and found ${of('was there')} there.` : '';
  return `Registry ${view.name}: ${tags}; ${view.manifests.length} manifests, ${view.blobs.length} blobs, ${humanSize(view.bytes)}.${last}`;
}

export function Registry({ view, w, narrow = false }: Drawn<RegistryView>) {
  const plan = planRegistry(view, w, narrow);
  const { tags, manifests, blobs } = plan.columns;
  const box = (now: boolean, gone: boolean) => ({ className: now ? 'af' : gone ? 'hid' : 'vf', pathLength: now ? 1 : undefined });
  return (
    <Drawing w={w} h={plan.height} label={registryLabel(view)} className={narrow ? 'narrow' : 'wide'}>
      <Text c="c" x={tags.x} y={12}>
        TAGS
      </Text>
      <Text c="c" x={manifests.x} y={12}>
        MANIFESTS
      </Text>
      <Text c="c" x={blobs.x} y={12}>
        {narrow ? 'BLOBS' : 'BLOBS, EACH ONCE'}
      </Text>
      {plan.ways.map((way) => (
        <path
          key={way.d}
          className={`${way.now ? 'at' : 'v thin'} way`}
          d={way.d}
          markerEnd={way.ends ? (way.now ? ARROW_NOW : ARROW) : undefined}
        />
      ))}
      {plan.tags.map(({ row, y }) => (
        <Text key={row.name} c={row.changed ? 'l b ax' : 'l b'} x={tags.x} y={y + 14}>
          {fit(row.name, tags.w - 2, 11.5)}
        </Text>
      ))}
      {plan.manifests.map(({ row, y }) => (
        <g key={row.digest}>
          <rect {...box(row.changed, false)} x={manifests.x} y={y} width={manifests.w} height={BOX} />
          <Text c="l b" x={manifests.x + 7} y={y + 14}>
            {fit(shortDigest(row.digest), manifests.w - 10, 11.5)}
          </Text>
          <Text c="s" x={manifests.x + 7} y={y + 28}>
            {fit(`${manifestWords(row)}${narrow ? '' : `, ${humanSize(row.size)}`}`, manifests.w - 10, 11)}
          </Text>
        </g>
      ))}
      {plan.blobs.map(({ row, y }) => (
        <g key={row.digest}>
          <rect {...box(row.last === 'sent', row.kind === 'loose')} x={blobs.x} y={y} width={blobs.w} height={BOX} />
          <Text c="l b" x={blobs.x + 7} y={y + 14}>
            {fit(narrow ? blobWords(row) : `${blobWords(row)} ${shortDigest(row.digest)}`, blobs.w - 10, 11.5)}
          </Text>
          <Text c={row.last === 'sent' ? 's ax' : 's'} x={blobs.x + 7} y={y + 28}>
            {fit(`${humanSize(row.size)}${row.last ? `, ${row.last}` : ''}`, blobs.w - 10, 11)}
          </Text>
        </g>
      ))}
      {plan.more > 0 && (
        <Text c="s" x={1} y={plan.height - 4}>
          {`${plan.more} more in the table`}
        </Text>
      )}
    </Drawing>
  );
}
