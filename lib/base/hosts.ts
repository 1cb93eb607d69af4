/** /etc/hosts: hosts(5). */
import * as ip from './ip';

/** The addresses of the lines that have a name, in their order. */
export function inHosts(text: string, name: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    return ip.parse(address) && names.some((n) => n.toLowerCase() === name.toLowerCase()) ? [address] : [];
  });
}
