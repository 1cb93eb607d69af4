/**
 * The site is static pages. Inline scripts are hashed into each page's policy after the build (app/_build/seal.ts);
 * what a <meta> policy cannot say is sent as a header here.
 */
const headers = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'Referrer-Policy', value: 'no-referrer' },
  { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=()' },
];

/** `npm run export` makes files for any web server, which then sends the headers itself (app/_build/nginx.conf). */
const exported = process.env.STATIC === '1';

/** @type {import('next').NextConfig} */
export default {
  poweredByHeader: false,
  // app/_build/serve.mjs compresses.
  compress: false,
  reactStrictMode: true,
  // Leaves out what no page imports of Next.js's own CommonJS files: half a kilobyte a page.
  experimental: { turbopackCjsTreeShaking: true, inlineCss: true },
  // `npm test` runs both type checks; the build does not do it a second time.
  typescript: { ignoreBuildErrors: true },
  ...(exported ? { output: 'export' } : { headers: headersOf }),
};

async function headersOf() {
  return [
    { source: '/:path*', headers },
    // Only the page made for it may stand in a frame of another site.
    { source: '/((?!embed$).*)', headers: [{ key: 'Content-Security-Policy', value: "frame-ancestors 'none'" }] },
  ];
}
