/**
 * Writes the digests of the catalogue's layers: each layer's archive as the model itself makes it, hashed.
 * `npm run digests`; a test holds the file to what it says.
 */
import { writeFileSync } from 'node:fs';
import { layerDigests } from '../../machine/digests';
import '../../machine/whole';

writeFileSync(new URL('../../machine/catalogue/digests.json', import.meta.url), `${JSON.stringify(layerDigests(), null, 2)}\n`);
