/** The scenarios as a playground's list has them. */

import type { XrayId } from '../components/xrays';
import { scenarioNames, scenarioOf } from '../lib/machine/scenarios';

/** The drawing that says most about a scenario; of the others, the layers. */
const XRAY: Readonly<Record<string, XrayId>> = {
  build: 'build',
  compose: 'plan',
  trouble: 'processes',
  clutter: 'mounts',
  apparmor: 'gates',
};

export const starts = scenarioNames().map((name) => {
  const { title, about } = scenarioOf(name);
  return { name, title, about, xray: XRAY[name] ?? 'layers' };
});
