/**
 * Rules about package managers: versions that are pinned, questions that are answered, caches that are left behind.
 * After the rules of hadolint with the same ids.
 *
 * Longer than most files here: one record a rule, a paragraph for each manager.
 */

import type { LintRules } from './rule';
import { keptStages, mounted, notCleaned, removes, withCommand } from './run';
import { does, hasFlag, inOrder, operandsOf, type ScriptCommand } from './script';

/** Operands behind the verb; none if the command has no such verb. */
function behind(c: ScriptCommand, names: readonly string[], verbs: readonly string[], valued: readonly string[] = []): string[] {
  if (!names.includes(c.name)) return [];
  const words = operandsOf(c, valued);
  const at = words.findIndex((w) => verbs.includes(w));
  return at < 0 ? [] : words.slice(at + 1);
}

// ——— apt

const APT = ['apt-get', 'apt', 'aptitude'];
const aptInstall = (c: ScriptCommand) => does(c, ['apt-get'], ['install']);
const aptPinned = (p: string): boolean => p.includes('=') || p.includes('/') || p.endsWith('.deb') || p.includes('$');

/** -qq, -q=2 and two -q mean yes. */
function answersYes(c: ScriptCommand): boolean {
  const quiet = c.args.filter((a) => a === '-q' || a === '--quiet').length;
  return hasFlag(c, 'y', 'yes', 'assume-yes') || quiet > 1 || c.args.some((a) => /^-[a-z]*q[a-z]*q|^(-q|--quiet)=[2-9]/.test(a));
}

// ——— pip

const pipInstall = (c: ScriptCommand): boolean =>
  (c.name.startsWith('pip') && !c.name.startsWith('pipenv') && c.args.includes('install')) ||
  (c.name.startsWith('python') && inOrder(['-m', 'pip', 'install'], c.args));

/** Flags of pip install with a value of their own. */
const PIP_VALUED = (
  'abi b build e editable extra-index-url f find-links i index-url implementation no-binary only-binary platform prefix progress-bar ' +
  'proxy python python-version root root-user-action src t target trusted-host upgrade-strategy cache-dir log timeout retries cert'
).split(' ');
const VCS = /^(git|hg|svn|bzr)(\+[a-z-]+)?:/;

function pipPinned(p: string): boolean {
  if (VCS.test(p)) return /@[^/]*$/.test(p.replace(/#.*$/, '')) ? p.replace(/^[^:]*:\/\/[^/]*/, '').includes('@') : false;
  return /[=!<>~]=|[<>]/.test(p) || /\.(whl|tar\.gz)$/.test(p) || p.includes('/') || p.includes('$');
}

/** Values that switch pip's option on. */
const TRUE = /^(1|true|on|yes)$/i;

// ——— npm

const npmPinned = (p: string): boolean => {
  if (/^git(\+[a-z]+)?:\/\//.test(p)) return p.includes('#');
  if (/\.(tar|tar\.gz|tgz)$/.test(p) || /^(\/|\.\.?(\/|$)|~\/)/.test(p)) return true;
  return p.replace(/^@[^/]*\//, '').includes('@') || p.includes('$');
};
const NPM_VALUED = ['loglevel', 'registry', 'prefix', 'cache', 'userconfig', 'w', 'workspace', 'tag', 'omit', 'include'];

// ——— rpm

const DNF = ['dnf', 'microdnf'];
/** name-1.2.3: every part behind the first hyphen is version-like, and one of them begins with a digit. */
function rpmPinned(p: string): boolean {
  if (p.endsWith('.rpm') || p.includes('$')) return true;
  const parts = p.split('-').slice(1);
  const at = parts.findIndex((part) => /^\d/.test(part));
  return at >= 0 && parts.slice(at).every((part) => /^[\w.~^:+]+$/.test(part));
}
const rpmUnpinned = (c: ScriptCommand, names: readonly string[], verbs: readonly string[]): boolean => {
  const words = operandsOf(c);
  if (!names.includes(c.name) || words.includes('group')) return false;
  const packages = behind(c, names, verbs);
  return words.includes('module') ? !packages.every((p) => p.includes(':')) : !packages.every(rpmPinned);
};
const DNF_INSTALL = ['install', 'in'];
const DNF_FILL = [
  'install',
  'in',
  'update',
  'upgrade',
  'up',
  'upgrade-minimal',
  'up-min',
  'reinstall',
  'rei',
  'downgrade',
  'dg',
  'distro-sync',
  'dsync',
];
const DNF_CACHE = ['/var/cache/libdnf5', '/var/cache/yum', '/var/cache/dnf'];

// ——— zypper

const ZYPPER_ASK = ['install', 'in', 'remove', 'rm', 'source-install', 'si', 'patch'];
const zypperInstall = (c: ScriptCommand) => does(c, ['zypper'], ['install', 'in']);

// ——— go

/** A package of another module without its version: `go install example.com/x@latest` is one too. */
function goUnpinned(c: ScriptCommand): boolean {
  if (c.name !== 'go') return false;
  const words = operandsOf(c);
  const verb = words[0];
  if (verb !== 'install' && verb !== 'get' && verb !== 'run') return false;
  const packages = verb === 'run' ? words.slice(1, 2) : words.slice(1);
  return packages.some((p) => !/^([./$~]|.*\.go$)/.test(p) && (!p.includes('@') || p.endsWith('@latest')));
}

export const PACKAGES = {
  DL3005: {
    severity: 'warning',
    title: 'Do not upgrade the whole system in a step.',
    why: 'What it brings changes from day to day, and old and new files both stay in the image. Take a newer base image.',
    example: 'FROM debian:12\nRUN apt-get update && apt-get dist-upgrade\n',
    mend: 'FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends curl=8.5.0\n',
    check: withCommand((c) => does(c, ['apt-get'], ['dist-upgrade'])),
    onBuild: true,
  },
  DL3008: {
    severity: 'warning',
    title: 'Pin versions in apt-get install.',
    why: 'Without one the step installs what is newest on the day it runs; a cached layer keeps what was newest once.',
    example: 'FROM debian:12\nRUN apt-get update && apt-get install -y curl\n',
    mend: 'FROM debian:12\nRUN apt-get update && apt-get install -y curl=8.5.0-2\n',
    check: withCommand(
      (c) => !behind(c, ['apt-get'], ['install'], ['t', 'target-release', 'default-release', 'o', 'option', 'c']).every(aptPinned),
    ),
    onBuild: true,
  },
  DL3009: {
    severity: 'info',
    title: 'Delete the package lists in the step that fetched them.',
    why: 'They are tens of megabytes that nothing uses later. A later step can hide them, but they stay in this layer.',
    example: 'FROM debian:12\nRUN apt-get update && apt-get install -y curl=8.5.0\n',
    mend: 'FROM debian:12\nRUN apt-get update && apt-get install -y curl=8.5.0 && rm -rf /var/lib/apt/lists/*\n',
    check: (items) => {
      const kept = keptStages(items);
      return notCleaned(
        items,
        (c) => does(c, APT, ['update']),
        (c) => removes(c, '/var/lib/apt/lists', '/var/lib/apt', '/var/lib'),
      ).filter(
        (item) =>
          kept(item.stage) && !mounted(item, '/var/lib/apt/lists') && !(mounted(item, '/var/lib/apt') && mounted(item, '/var/cache/apt')),
      );
    },
    onBuild: true,
  },
  DL3014: {
    severity: 'warning',
    title: 'Answer yes beforehand: apt-get install -y.',
    why: 'A build has nobody who could answer: apt-get asks, hears nothing and stops.',
    example: 'FROM debian:12\nRUN apt-get install curl=8.5.0\n',
    mend: 'FROM debian:12\nRUN apt-get install -y curl=8.5.0\n',
    check: withCommand((c) => aptInstall(c) && !answersYes(c)),
    onBuild: true,
  },
  DL3015: {
    severity: 'info',
    title: 'Install without what is only recommended.',
    why: 'Debian packages recommend others that are handy on a desktop; an image grows by all of them.',
    example: 'FROM debian:12\nRUN apt-get install -y git=1:2.39.5\n',
    mend: 'FROM debian:12\nRUN apt-get install -y --no-install-recommends git=1:2.39.5\n',
    check: withCommand(
      (c) => aptInstall(c) && !hasFlag(c, 'no-install-recommends') && !c.args.some((a) => /APT::Install-Recommends=(false|0)/i.test(a)),
    ),
    onBuild: true,
  },
  DL3027: {
    severity: 'warning',
    title: 'Use apt-get in scripts, not apt.',
    why: 'apt is made for people at a terminal; it says itself that its command line is not stable.',
    example: 'FROM debian:12\nRUN apt install -y curl\n',
    mend: 'FROM debian:12\nRUN apt-get install -y curl\n',
    check: withCommand((c) => c.name === 'apt'),
    onBuild: true,
  },
  DL3013: {
    severity: 'warning',
    title: 'Pin versions in pip install.',
    why: 'The newest release of a package, or of one that it needs, is another program next week.',
    example: 'FROM python:3.12\nRUN pip install --no-cache-dir flask\n',
    mend: 'FROM python:3.12\nRUN pip install --no-cache-dir flask==3.0.3\n',
    check: withCommand((c) => {
      if (!pipInstall(c) || hasFlag(c, 'constraint', 'c', 'requirement', 'r') || c.args.includes('.')) return false;
      const words = operandsOf(c, PIP_VALUED);
      return !words.slice(words.indexOf('install') + 1).every(pipPinned);
    }),
    onBuild: true,
  },
  DL3042: {
    severity: 'warning',
    title: 'Switch pip’s cache off, or keep it in a cache mount.',
    why: 'Every archive that pip downloads stays in ~/.cache/pip, in the layer, and is never read again.',
    example: 'FROM python:3.12\nRUN pip install flask==3.0.3\n',
    mend: 'FROM python:3.12\nRUN pip install --no-cache-dir flask==3.0.3\n',
    check: (items) => {
      /** Stages that have switched it off by ENV, and their names. */
      const off = new Set<string>();
      let name = '';
      return items.filter((item) => {
        if (item.i?.kind === 'from') {
          const base = item.i.base.toLowerCase();
          name = item.i.stage || base;
          if (off.has(base)) off.add(name);
          else off.delete(name);
        }
        if (item.i?.kind === 'env') for (const p of item.i.pairs) if (p.key === 'PIP_NO_CACHE_DIR' && TRUE.test(p.value)) off.add(name);
        const { commands } = item.script;
        const exported = commands.some(
          (c) => c.name === 'export' && c.args.some((a) => /^PIP_NO_CACHE_DIR=/.test(a) && TRUE.test(a.slice(17))),
        );
        if (off.has(name) || exported || mounted(item, '/root/.cache/pip')) return false;
        return commands.some(
          (c) =>
            pipInstall(c) && !c.name.startsWith('pipx') && !c.args.includes('--no-cache-dir') && !TRUE.test(c.env.PIP_NO_CACHE_DIR ?? ''),
        );
      });
    },
    onBuild: true,
  },
  DL3016: {
    severity: 'warning',
    title: 'Pin versions in npm install.',
    why: 'Without one the newest is taken, which may be another major version tomorrow.',
    example: 'FROM node:22\nRUN npm install express\n',
    mend: 'FROM node:22\nRUN npm install express@4.19.2\n',
    check: withCommand((c) => {
      const words = operandsOf(c, NPM_VALUED);
      return c.name === 'npm' && words[0] === 'install' && !words.slice(1).every(npmPinned);
    }),
    onBuild: true,
  },
  DL3060: {
    severity: 'info',
    title: 'Clean yarn’s cache in the step that filled it.',
    why: 'yarn keeps every package a second time in its cache; both copies stay in the layer.',
    example: 'FROM node:22\nRUN yarn install\n',
    mend: 'FROM node:22\nRUN yarn install && yarn cache clean\n',
    check: (items) => {
      const kept = keptStages(items);
      return notCleaned(
        items,
        (c) => does(c, ['yarn'], ['install']),
        (c) => c.name === 'yarn' && inOrder(['cache', 'clean'], c.args),
      ).filter((item) => kept(item.stage) && !mounted(item, '/root/.cache/yarn', '/usr/local/share/.cache/yarn'));
    },
    onBuild: true,
  },
  DL3018: {
    severity: 'warning',
    title: 'Pin versions in apk add.',
    why: 'Without one the step installs what is newest on the day it runs.',
    example: 'FROM alpine:3.20\nRUN apk add --no-cache curl\n',
    mend: 'FROM alpine:3.20\nRUN apk add --no-cache curl=8.9.1-r1\n',
    check: withCommand(
      (c) =>
        !behind(c, ['apk'], ['add'], ['t', 'virtual', 'repository', 'X', 'p', 'root']).every(
          (p) => /[=~<>]/.test(p) || p.endsWith('.apk') || p.includes('$'),
        ),
    ),
    onBuild: true,
  },
  DL3019: {
    severity: 'info',
    title: 'Use apk add --no-cache.',
    why: 'It takes the index from memory and leaves nothing behind; apk update writes it into the layer.',
    example: 'FROM alpine:3.20\nRUN apk add curl=8.9.1-r1\n',
    mend: 'FROM alpine:3.20\nRUN apk add --no-cache curl=8.9.1-r1\n',
    check: withCommand(
      (c, item) => does(c, ['apk'], ['add']) && !hasFlag(c, 'no-cache') && !mounted(item, '/var/cache/apk', '/etc/apk/cache'),
    ),
    onBuild: true,
  },
  DL3017: {
    severity: 'error',
    title: 'Do not upgrade the whole system in a step.',
    why: 'What it brings changes from day to day, and old and new files both stay in the image. Take a newer base image.',
    example: 'FROM alpine:3.20\nRUN apk upgrade\n',
    mend: 'FROM alpine:3.20\nRUN apk add --no-cache curl=8.9.1-r1\n',
    check: withCommand((c) => does(c, ['apk'], ['upgrade'])),
    onBuild: true,
  },
  DL3028: {
    severity: 'warning',
    title: 'Pin versions in gem install.',
    why: 'Without one the newest gem is taken, which may be another major version tomorrow.',
    example: 'FROM ruby:3.3\nRUN gem install bundler\n',
    mend: 'FROM ruby:3.3\nRUN gem install bundler:2.5.6\n',
    check: withCommand((c) => {
      if (!does(c, ['gem'], ['install', 'i']) || hasFlag(c, 'v', 'version')) return false;
      // Behind -- and behind a flag that gem does not know stand options of the build.
      const end = c.args.findIndex((a) => a === '--' || a.startsWith('--use-'));
      const words = operandsOf({ ...c, args: end < 0 ? c.args : c.args.slice(0, end) });
      return !words.filter((w) => w !== 'install' && w !== 'i').every((w) => w.includes(':') || w.includes('$') || w.endsWith('.gem'));
    }),
    onBuild: true,
  },
  DL3030: {
    severity: 'warning',
    title: 'Answer yes beforehand: yum install -y.',
    why: 'A build has nobody who could answer: yum asks, hears nothing and stops.',
    example: 'FROM centos:7\nRUN yum install httpd-2.4.6\n',
    mend: 'FROM centos:7\nRUN yum install -y httpd-2.4.6\n',
    check: withCommand((c) => does(c, ['yum'], ['install', 'groupinstall', 'localinstall']) && !hasFlag(c, 'y', 'assumeyes')),
    onBuild: true,
  },
  DL3031: {
    severity: 'error',
    title: 'Do not upgrade the whole system in a step.',
    why: 'What it brings changes from day to day, and old and new files both stay in the image. Take a newer base image.',
    example: 'FROM centos:7\nRUN yum update\n',
    mend: 'FROM centos:7\nRUN yum install -y httpd-2.4.6 && yum clean all\n',
    check: withCommand((c) => does(c, ['yum'], ['update', 'update-to', 'upgrade', 'upgrade-to'])),
    onBuild: true,
  },
  DL3032: {
    severity: 'warning',
    title: 'Clean yum’s cache in the step that filled it.',
    why: 'Lists and packages stay in /var/cache/yum, in the layer, and are never read again.',
    example: 'FROM centos:7\nRUN yum install -y httpd-2.4.6\n',
    mend: 'FROM centos:7\nRUN yum install -y httpd-2.4.6 && yum clean all\n',
    check: (items) =>
      notCleaned(
        items,
        (c) => does(c, ['yum'], ['install']),
        (c) => (c.name === 'yum' && inOrder(['clean', 'all'], c.args)) || removes(c, '/var/cache/yum'),
      ).filter((item) => !mounted(item, '/var/cache/yum')),
    onBuild: true,
  },
  DL3033: {
    severity: 'warning',
    title: 'Pin versions in yum install.',
    why: 'Without one the step installs what is newest on the day it runs.',
    example: 'FROM centos:7\nRUN yum install -y httpd && yum clean all\n',
    mend: 'FROM centos:7\nRUN yum install -y httpd-2.4.6 && yum clean all\n',
    check: withCommand((c) => rpmUnpinned(c, ['yum'], ['install'])),
    onBuild: true,
  },
  DL3034: {
    severity: 'warning',
    title: 'Answer yes beforehand: zypper install -y.',
    why: 'A build has nobody who could answer: zypper asks, hears nothing and stops.',
    example: 'FROM opensuse/leap:15\nRUN zypper install httpd=2.4.24 && zypper clean\n',
    mend: 'FROM opensuse/leap:15\nRUN zypper install -y httpd=2.4.24 && zypper clean\n',
    check: withCommand((c) => does(c, ['zypper'], ZYPPER_ASK) && !hasFlag(c, 'n', 'non-interactive', 'y', 'no-confirm')),
    onBuild: true,
  },
  DL3035: {
    severity: 'warning',
    title: 'Do not upgrade the whole system in a step.',
    why: 'What it brings changes from day to day, and old and new files both stay in the image. Take a newer base image.',
    example: 'FROM opensuse/leap:15\nRUN zypper dup\n',
    mend: 'FROM opensuse/leap:15\nRUN zypper install -y httpd=2.4.24 && zypper clean\n',
    check: withCommand((c) => does(c, ['zypper'], ['dist-upgrade', 'dup'])),
    onBuild: true,
  },
  DL3036: {
    severity: 'warning',
    title: 'Clean zypper’s cache in the step that filled it.',
    why: 'Lists and packages stay in /var/cache/zypp, in the layer, and are never read again.',
    example: 'FROM opensuse/leap:15\nRUN zypper install -y httpd=2.4.24\n',
    mend: 'FROM opensuse/leap:15\nRUN zypper install -y httpd=2.4.24 && zypper clean\n',
    check: (items) =>
      notCleaned(items, zypperInstall, (c) => does(c, ['zypper'], ['clean', 'cc']) || removes(c, '/var/cache/zypp')).filter(
        (item) => !mounted(item, '/var/cache/zypp'),
      ),
    onBuild: true,
  },
  DL3037: {
    severity: 'warning',
    title: 'Pin versions in zypper install.',
    why: 'Without one the step installs what is newest on the day it runs.',
    example: 'FROM opensuse/leap:15\nRUN zypper install -y httpd && zypper clean\n',
    mend: 'FROM opensuse/leap:15\nRUN zypper install -y httpd=2.4.24 && zypper clean\n',
    check: withCommand(
      (c) => !behind(c, ['zypper'], ['install', 'in']).every((p) => /[=<>]/.test(p) || p.endsWith('.rpm') || p.includes('$')),
    ),
    onBuild: true,
  },
  DL3038: {
    severity: 'warning',
    title: 'Answer yes beforehand: dnf install -y.',
    why: 'A build has nobody who could answer: dnf asks, hears nothing and stops.',
    example: 'FROM fedora:40\nRUN dnf install httpd-2.4.59 && dnf clean all\n',
    mend: 'FROM fedora:40\nRUN dnf install -y httpd-2.4.59 && dnf clean all\n',
    check: withCommand((c) => does(c, DNF, ['install', 'groupinstall', 'localinstall']) && !hasFlag(c, 'y', 'assumeyes')),
    onBuild: true,
  },
  DL3039: {
    severity: 'error',
    title: 'Do not upgrade the whole system in a step.',
    why: 'What it brings changes from day to day, and old and new files both stay in the image. Take a newer base image.',
    example: 'FROM fedora:40\nRUN dnf update\n',
    mend: 'FROM fedora:40\nRUN dnf install -y httpd-2.4.59 && dnf clean all\n',
    check: withCommand((c) => does(c, DNF, ['upgrade', 'update', 'upgrade-minimal', 'update-minimal'])),
    onBuild: true,
  },
  DL3040: {
    severity: 'warning',
    title: 'Clean dnf’s cache in the step that filled it.',
    why: 'Lists and packages stay in /var/cache, in the layer, and are never read again.',
    example: 'FROM fedora:40\nRUN dnf install -y httpd-2.4.59\n',
    mend: 'FROM fedora:40\nRUN dnf install -y httpd-2.4.59 && dnf clean all\n',
    check: (items) =>
      DNF.flatMap((program) =>
        notCleaned(
          items,
          (c) => does(c, [program], DNF_FILL),
          (c) => (c.name === program && inOrder(['clean', 'all'], c.args)) || removes(c, ...DNF_CACHE),
        ),
      ).filter((item) => !mounted(item, ...DNF_CACHE)),
    onBuild: true,
  },
  DL3041: {
    severity: 'warning',
    title: 'Pin versions in dnf install.',
    why: 'Without one the step installs what is newest on the day it runs.',
    example: 'FROM fedora:40\nRUN dnf install -y httpd && dnf clean all\n',
    mend: 'FROM fedora:40\nRUN dnf install -y httpd-2.4.59 && dnf clean all\n',
    check: withCommand((c) => rpmUnpinned(c, DNF, DNF_INSTALL)),
    onBuild: true,
  },
  DL3062: {
    severity: 'warning',
    title: 'Pin versions of Go packages.',
    why: 'Without a version, or with @latest, the step takes what is newest on the day it runs.',
    example: 'FROM golang:1.22\nRUN go install example.com/tool@latest\n',
    mend: 'FROM golang:1.22\nRUN go install example.com/tool@v1.2.3\n',
    check: withCommand(goUnpinned),
    onBuild: true,
  },
} satisfies LintRules;
