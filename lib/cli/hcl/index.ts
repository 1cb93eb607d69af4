/** HCL, as bake's files are written in: read (parse.ts), worked out (evaluate.ts), and made targets of (bake.ts). */
export { HclError, type Source, type Value } from './ast';
export { type Baked, bakeFiles, readFile, shown, type Unit } from './bake';
export { asText } from './evaluate';
