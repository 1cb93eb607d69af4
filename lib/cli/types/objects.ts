/**
 * What inspecting an image, a network or a volume gives in Go, and docker's version (moby, api/types, v28.5; docker/cli,
 * cli/command/system).
 */
import { containerTypes } from './container';
import { define, pick } from './schema';

/** The fields of an image's config as Go writes them back: in the struct's order, and none that is empty. */
const CONFIG_ORDER = [
  ...['User', 'ExposedPorts', 'Env', 'Entrypoint', 'Cmd', 'Volumes', 'WorkingDir', 'Labels', 'StopSignal', 'ArgsEscaped'],
  ...['Healthcheck', 'OnBuild', 'Shell'],
];
const inOrder = (config: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    CONFIG_ORDER.flatMap((k) => (config[k] === null || config[k] === undefined || config[k] === '' ? [] : [[k, config[k]]])),
  );

const types = define(
  [
    [
      'v1.ImageConfig',
      `
      User string
      ExposedPorts map[string]struct {}
      Env []string
      Entrypoint []string
      Cmd []string
      Volumes map[string]struct {}
      WorkingDir string
      Labels map[string]string
      StopSignal string
      ArgsEscaped bool`,
    ],
    [
      'v1.DockerOCIImageConfigExt',
      `
      Healthcheck *v1.HealthcheckConfig
      OnBuild []string
      Shell []string`,
    ],
    [
      'v1.DockerOCIImageConfig',
      `
      +ImageConfig v1.ImageConfig
      +DockerOCIImageConfigExt v1.DockerOCIImageConfigExt`,
      { json: (config: Record<string, unknown>) => JSON.stringify(inOrder(config)) },
    ],
    [
      'image.RootFS',
      `
      Type string
      Layers []string`,
    ],
    [
      'image.Metadata',
      `
      LastTagTime time.Time
      `,
    ],
    [
      'image.ManifestSummary',
      `
      ID string
      Available bool`,
    ],
    [
      'image.InspectResponse',
      `
      ID string Id
      RepoTags []string
      RepoDigests []string
      Parent string
      Comment string
      Created string
      Container string
      ContainerConfig *container.Config
      DockerVersion string
      Author string
      Config *v1.DockerOCIImageConfig
      Architecture string
      Variant string
      Os string
      OsVersion string
      Size int64
      VirtualSize int64
      GraphDriver storage.DriverData
      RootFS image.RootFS
      Metadata image.Metadata
      Descriptor *v1.Descriptor
      Manifests []image.ManifestSummary`,
    ],
    [
      'network.IPAMConfig',
      `
      Subnet string
      IPRange string
      Gateway string
      AuxAddress map[string]string AuxiliaryAddresses`,
    ],
    [
      'network.IPAM',
      `
      Driver string
      Options map[string]string
      Config []network.IPAMConfig`,
    ],
    [
      'network.ConfigReference',
      `
      Network string
      `,
    ],
    [
      'network.EndpointResource',
      `
      Name string
      EndpointID string
      MacAddress string
      IPv4Address string
      IPv6Address string`,
    ],
    [
      'network.PeerInfo',
      `
      Name string
      IP string`,
    ],
    [
      'network.ServiceInfo',
      `
      VIP string
      Ports []string`,
    ],
    [
      'network.Inspect',
      `
      Name string
      ID string Id
      Created time.Time
      Scope string
      Driver string
      EnableIPv4 bool
      EnableIPv6 bool
      IPAM network.IPAM
      Internal bool
      Attachable bool
      Ingress bool
      ConfigFrom network.ConfigReference
      ConfigOnly bool
      Containers map[string]network.EndpointResource
      Options map[string]string
      Labels map[string]string
      Peers []network.PeerInfo
      Services map[string]network.ServiceInfo`,
    ],
    [
      'volume.UsageData',
      `
      RefCount int64
      Size int64`,
    ],
    ['volume.ClusterVolume', 'struct {}'],
    [
      'volume.Volume',
      `
      ClusterVolume *volume.ClusterVolume
      CreatedAt string
      Driver string
      Labels map[string]string
      Mountpoint string
      Name string
      Options map[string]string
      Scope string
      Status map[string]interface {}
      UsageData *volume.UsageData`,
    ],
    [
      'system.platformInfo',
      `
      Name string
      `,
    ],
    [
      'system.clientVersion',
      `
      Platform *system.platformInfo
      Version string
      APIVersion string ApiVersion
      DefaultAPIVersion string
      GitCommit string
      GoVersion string
      Os string
      Arch string
      BuildTime string
      Context string`,
    ],
    [
      'types.ComponentVersion',
      `
      Name string
      Version string
      Details map[string]string`,
    ],
    [
      'types.Version',
      `
      Platform system.platformInfo
      Components []types.ComponentVersion
      Version string
      APIVersion string ApiVersion
      MinAPIVersion string
      GitCommit string
      GoVersion string
      Os string
      Arch string
      KernelVersion string
      Experimental bool
      BuildTime string`,
    ],
    [
      'system.versionInfo',
      `
      Client system.clientVersion
      Server *types.Version`,
    ],
    [
      'events.Actor',
      `
      ID string
      Attributes map[string]string`,
    ],
    [
      'events.Message',
      `
      Status string status
      ID string id
      From string from
      Type string
      Action string
      Actor events.Actor
      Scope string scope
      Time int64 time
      TimeNano int64 timeNano`,
    ],
  ],
  containerTypes,
);

export const imageType = pick(types, 'image.InspectResponse');
export const networkType = pick(types, 'network.Inspect');
export const volumeType = pick(types, 'volume.Volume');
export const versionType = pick(types, 'system.versionInfo');
export const eventType = pick(types, 'events.Message');

/** What buildx' imagetools shows of an image: util/imagetools/printers.go, over image-spec's types. */
const imagetools = define([
  ['v1.Platform', '\nArchitecture string architecture\nOS string os\nVariant string variant'],
  [
    'v1.Descriptor',
    '\nMediaType string mediaType\nDigest string digest\nSize int64 size\nAnnotations map[string]string annotations\nPlatform *v1.Platform platform',
  ],
  [
    'tplInputManifest',
    '\nMediaType string mediaType\nDigest string digest\nSize int64 size\nSchemaVersion int schemaVersion\nManifests []v1.Descriptor manifests\nAnnotations map[string]string annotations',
  ],
  [
    'v1.ImageConfig',
    '\nUser string\nExposedPorts map[string]struct {}\nEnv []string\nEntrypoint []string\nCmd []string\nVolumes map[string]struct {}\nWorkingDir string\nLabels map[string]string\nStopSignal string\nArgsEscaped bool',
  ],
  ['v1.RootFS', '\nType string type\nDiffIDs []string diff_ids'],
  [
    'v1.History',
    '\nCreated *time.Time created\nCreatedBy string created_by\nAuthor string author\nComment string comment\nEmptyLayer bool empty_layer',
  ],
  [
    'v1.Image',
    '\nCreated *time.Time created\nAuthor string author\nArchitecture string architecture\nOS string os\nConfig v1.ImageConfig config\nRootFS v1.RootFS rootfs\nHistory []v1.History history',
  ],
  ['imagetools.tplInput', '\nName string name\nManifest tplInputManifest manifest\nImage *v1.Image image'],
]);
export const indexType = pick(imagetools, 'imagetools.tplInput');
