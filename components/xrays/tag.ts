/** What stands for an X-ray in a chapter: <LayersXray of="…" /> for "layers". */
import type { XrayId } from '.';

export const tagOf = (id: XrayId): string => `${id.replace(/^./, (first) => first.toUpperCase())}Xray`;
