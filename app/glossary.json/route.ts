/** What a word's card shows (components/frame/terms.ts): address of a word → the paragraph that explains it. */
import { loadGlossary } from '../../content/glossary';

export const dynamic = 'force-static';
export async function GET() {
  const words = await loadGlossary();
  return Response.json(Object.fromEntries(words.map(({ href, says }) => [href, says])));
}
