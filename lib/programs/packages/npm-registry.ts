/**
 * What npm can install here: true packages with their true sizes, measured from the registry's archives and what they unpack to.
 *
 *   name version archive-bytes installed-bytes [$ asks for funding] [!programs] dependencies…
 *
 * Simplified: one version of each; a package that would need another version of one that is there shares it.
 */

import type { Package } from './catalogue';

const TABLE = `
  @esbuild/linux-x64 0.24.2 4324454 10183321
  accepts 1.3.8 5403 16795 mime-types negotiator
  array-flatten 1.1.1 1992 4422
  async-function 1.0.0 4380 9635
  async-generator-function 1.0.0 4504 10554
  asynckit 0.4.0 8111 27362
  axios 1.7.9 547981 2131753 follow-redirects form-data proxy-from-env
  body-parser 1.20.3 15692 62624 bytes content-type debug depd destroy http-errors iconv-lite on-finished qs raw-body type-is unpipe
  bytes 3.1.2 4496 12270
  call-bind-apply-helpers 1.0.2 6067 15952 es-errors function-bind
  call-bound 1.0.4 6382 17106 $ call-bind-apply-helpers get-intrinsic
  combined-stream 1.0.8 4068 11514 delayed-stream
  content-disposition 0.5.4 6739 19113 safe-buffer
  content-type 1.0.5 3914 10471
  cookie 0.7.1 8211 23319
  cookie-signature 1.0.6 2111 3936
  debug 2.6.9 16514 51243 ms
  delayed-stream 1.0.0 3464 8021
  depd 2.0.0 8374 27117
  destroy 1.2.0 3379 9018
  dotenv 16.4.7 22638 75773 $
  dunder-proto 1.0.1 5049 13003 call-bind-apply-helpers es-errors gopd
  ee-first 1.1.1 2733 6259
  encodeurl 2.0.3 3359 7832 $
  es-define-property 1.0.1 4431 10217
  es-errors 1.3.0 5338 12324
  es-object-atoms 1.1.2 4820 11967 es-errors
  es-set-tostringtag 2.1.0 5583 14544 es-errors get-intrinsic has-tostringtag hasown
  esbuild 0.24.2 30567 133805 !esbuild @esbuild/linux-x64
  escape-html 1.0.3 1917 3660
  etag 1.8.1 4386 10809
  express 4.21.2 58016 221226 $ accepts array-flatten body-parser content-disposition content-type cookie cookie-signature debug depd encodeurl escape-html etag finalhandler fresh http-errors merge-descriptors methods on-finished parseurl path-to-regexp proxy-addr qs range-parser safe-buffer send serve-static setprototypeof statuses type-is utils-merge vary
  finalhandler 1.3.1 6828 19034 debug encodeurl escape-html on-finished parseurl statuses unpipe
  follow-redirects 1.16.3 10658 32110 $
  form-data 4.0.6 24198 83901 asynckit combined-stream es-set-tostringtag hasown mime-types
  forwarded 0.2.0 2696 5876
  fresh 0.5.2 4229 10116
  function-bind 1.1.2 9799 31427 $
  generator-function 2.0.1 4441 10078
  get-intrinsic 1.3.1 13886 47064 $ async-function async-generator-function call-bind-apply-helpers es-define-property es-errors es-object-atoms function-bind generator-function get-proto gopd has-symbols hasown math-intrinsics
  get-proto 1.0.1 4474 10840 dunder-proto es-object-atoms
  gopd 1.2.0 4584 9869 $
  has-symbols 1.1.0 8059 23409 $
  has-tostringtag 1.0.2 6465 17603 $ has-symbols
  hasown 2.0.4 4608 10332 function-bind
  http-errors 2.0.0 6339 18808 depd inherits setprototypeof statuses toidentifier
  iconv-lite 0.4.24 185241 335941 safer-buffer
  inherits 2.0.4 2030 3958
  ipaddr.js 1.9.1 11501 42145
  lodash 4.17.21 318961 1412415
  math-intrinsics 1.1.0 6355 17323
  media-typer 0.3.0 4189 11055
  merge-descriptors 1.0.3 2337 5081 $
  methods 1.1.2 2475 5288
  mime 1.6.0 15686 51738 !mime
  mime-db 1.52.0 26992 205539
  mime-types 2.1.35 5591 18272 mime-db
  ms 2.0.0 2874 6266
  negotiator 0.6.3 6399 27375
  object-inspect 1.14.0 25896 86766 $
  on-finished 2.4.1 5052 13679 ee-first
  parseurl 1.3.3 3952 10299
  path-to-regexp 0.1.12 3067 6598
  pg 8.13.1 22223 79278 pg-connection-string pg-pool pg-protocol pg-types pgpass pg-cloudflare
  pg-cloudflare 1.4.1 7245 25701
  pg-connection-string 2.14.1 5826 16148
  pg-int8 1.0.1 1508 3186
  pg-pool 3.14.0 9579 29835
  pg-protocol 1.16.1 39903 202040
  pg-types 2.2.0 10344 35296 pg-int8 postgres-array postgres-bytea postgres-date postgres-interval
  pgpass 1.0.6 4360 10542
  postgres-array 2.0.0 2213 4903
  postgres-bytea 1.0.1 1724 3095
  postgres-date 1.0.7 2836 5915
  postgres-interval 1.2.0 2926 6727 xtend
  prettier 3.4.2 2020270 7830668 $ !prettier
  proxy-addr 2.0.8 5670 16326 $ forwarded ipaddr.js
  proxy-from-env 1.1.0 7772 29452
  qs 6.13.0 55319 253581 $ side-channel
  range-parser 1.2.1 3603 8457
  raw-body 2.5.2 8649 25752 bytes http-errors iconv-lite unpipe
  react 19.1.0 24066 167000
  react-dom 19.1.0 1157331 6552660 scheduler
  safe-buffer 5.2.1 9972 32101 $
  safer-buffer 2.1.2 12035 42299
  scheduler 0.26.0 10015 82665
  send 0.19.0 15634 50197 debug depd destroy encodeurl escape-html etag fresh http-errors mime ms on-finished range-parser statuses
  serve-static 1.16.2 8570 25426 encodeurl escape-html parseurl send
  setprototypeof 1.2.0 1969 4025
  side-channel 1.1.1 8083 22864 $ es-errors object-inspect side-channel-list side-channel-map side-channel-weakmap
  side-channel-list 1.0.1 6135 16973 $ es-errors object-inspect
  side-channel-map 1.0.1 5280 13348 $ call-bound es-errors get-intrinsic object-inspect
  side-channel-weakmap 1.0.2 5442 14667 $ call-bound es-errors get-intrinsic object-inspect side-channel-map
  statuses 2.0.1 4683 12116
  toidentifier 1.0.1 2347 4685
  type-is 1.6.18 5872 18497 media-typer mime-types
  typescript 5.7.3 4232501 22742077 !tsc,tsserver
  unpipe 1.0.0 2096 4311
  utils-merge 1.0.1 1953 3720
  uuid 11.0.5 19888 131959 $ !uuid
  vary 1.1.2 3772 8747
  xtend 4.0.2 2529 6465
`;

export interface NpmPackage extends Package {
  version: string;
  funding: boolean;
  bins: readonly string[];
  depends: readonly string[];
}

function read(line: string): [string, NpmPackage] {
  const [name = '', version = '', download, installed, ...rest] = line.trim().split(' ');
  const bins =
    rest
      .find((w) => w.startsWith('!'))
      ?.slice(1)
      .split(',') ?? [];
  const depends = rest.filter((w) => w !== '$' && !w.startsWith('!'));
  return [
    name,
    {
      releases: [[0, version]],
      version,
      download: Number(download),
      installed: Number(installed),
      funding: rest.includes('$'),
      bins,
      depends,
    },
  ];
}

export const NPM: Readonly<Record<string, NpmPackage>> = Object.fromEntries(TABLE.trim().split('\n').map(read));
