/** Language runtimes and databases of images, by the name that their executables carry. */

import type { Programs } from '../../kernel';
import { java } from './java';
import { node } from './node';
import { postgres } from './postgres';
import { gosu, initdb, pgCtl } from './postgres-tools';
import { pgIsready, psql } from './psql';
import { python } from './python';
import { gunicorn } from './python/gunicorn';
import { supervisorctl, supervisord } from './supervisord';

export const runtimes: Programs = {
  gosu,
  gunicorn,
  initdb,
  java,
  node,
  pg_ctl: pgCtl,
  pg_isready: pgIsready,
  postgres,
  psql,
  python,
  supervisorctl,
  supervisord,
};
