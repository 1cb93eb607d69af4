/** What a browser needs to install the site as an app. */
import type { MetadataRoute } from 'next';

export const dynamic = 'force-static';

export default function manifest(): MetadataRoute.Manifest {
  return {
    name: 'Drydock: learn containers by taking one apart',
    short_name: 'Drydock',
    description: 'A course on containers beside a Docker host that runs in the page.',
    start_url: '/',
    display: 'standalone',
    background_color: '#f4f0e7',
    theme_color: '#f4f0e7',
    icons: [{ src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' }],
  };
}
