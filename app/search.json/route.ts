/** The search's index, written when the site is built. */
import { searchIndex } from '../../content/search';

export const dynamic = 'force-static';
export const GET = async () => new Response(await searchIndex(), { headers: { 'Content-Type': 'application/json' } });
