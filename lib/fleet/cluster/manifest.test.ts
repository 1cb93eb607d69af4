import { describe, expect, test } from 'vitest';
import { readManifests } from './manifest';

const pod = (labels: string, rest = '') => `
  template:
    metadata: { labels: { app: ${labels} } }
    spec:
      containers:
      - image: web:1
${rest}`;
const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  strategy: { rollingUpdate: { maxSurge: 50%, maxUnavailable: 0 } }
  selector: { matchLabels: { app: web } }${pod('web', '        readinessProbe: { httpGet: { path: /, port: 80 } }')}`;

describe('manifests', () => {
  test('of several kinds', () =>
    expect(
      readManifests(`${deployment}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}}\n---\n`),
    ).toEqual({
      objects: [
        {
          kind: 'Deployment',
          name: 'web',
          app: 'web',
          replicas: 3,
          template: { image: 'web:1', readiness: true, liveness: false },
          strategy: { type: 'RollingUpdate', surge: '50%', unavailable: 0 },
          stuckSince: null,
        },
        { kind: 'Service', name: 'web', app: 'web', endpoints: [] },
      ],
    }));

  test.each([
    [
      deployment.replace('apps/v1', 'extensions/v1beta1'),
      'error: resource mapping not found for name: "web" namespace: "" from "STDIN": no matches for kind "Deployment" in version "extensions/v1beta1"\nensure CRDs are installed first',
    ],
    [
      'apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: strict}',
      'error: resource mapping not found for name: "strict" namespace: "" from "STDIN": no matches for kind "PodSecurityPolicy" in version "policy/v1beta1"\nensure CRDs are installed first',
    ],
    [
      deployment.replace('labels: { app: web }', 'labels: { app: shop }'),
      'The Deployment "web" is invalid: spec.template.metadata.labels: Invalid value: {"app":"shop"}: `selector` does not match template `labels`',
    ],
    [deployment.replace('50%', 'half'), 'maxSurge: Invalid value: "half": must be either an integer or a percentage (e.g \'5%\')'],
    ['apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}', 'drydock: the kind Ingress is not modelled'],
    ['kind: Pod', 'error: error validating data: apiVersion not set'],
    ['- one', 'error: a manifest is a map with apiVersion and kind'],
  ])('refused: %#', (text, refused) => expect(readManifests(text)).toEqual({ refused }));

  test('what is no YAML', () =>
    expect(readManifests('a: [')).toMatchObject({ refused: expect.stringMatching(/^error: error parsing YAML: /) }));
});
