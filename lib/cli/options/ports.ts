/** Ports of options: go-connections' rules, which Compose shares (base/ports.ts). */
export * from '../../base/ports';
