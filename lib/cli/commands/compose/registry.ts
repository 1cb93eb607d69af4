/** docker compose pull and push: a project's images and their registries (docker/compose, pkg/compose/pull.go, push.go). */

import { type Mapping, servicesOf } from '../../../compose';
import type { Script } from '../../driver';
import { type Command, CommandError, type Ctx, call, pathOf, segment, warn } from '../api';
import { messagesOf } from '../build-push';
import { nameAndTag } from '../container/run';
import { authHeader } from '../credentials';
import { showMessages } from '../streams';
import { tellService } from './progress';
import { projectOf, selected } from './project';
import { imageOf } from './request';
import { pullImage } from './resources';

export const pull: Command = function* (c) {
  const project = selected(yield* projectOf(c, c.args, { noEnvFiles: true }), c.args, c.on('include-deps'));
  const by: Record<string, string> = {};
  for (const [name, s] of Object.entries(servicesOf(project.model))) {
    const image = imageOf(project, name, s);
    const skip =
      s.image === undefined
        ? 'No image to be pulled'
        : s.build && c.on('ignore-buildable')
          ? 'Image can be built'
          : by[image] !== undefined
            ? `Image is already being pulled by ${by[image]}`
            : null;
    if (skip !== null) {
      yield* tellService(name, `Skipped - ${skip}`);
      continue;
    }
    by[image] = name;
  }
  const mustBuild: string[] = [];
  let fault: CommandError | null = null;
  for (const [image, name] of Object.entries(by)) {
    const buildable = servicesOf(project.model)[name]?.build !== undefined;
    const failure = yield* pullImage(c, name, image, buildable);
    if (failure && buildable) mustBuild.push(name);
    fault ??= failure;
  }
  if (mustBuild.length > 0)
    yield* warn(`WARNING: Some service image(s) must be built from source by running:\n    docker compose build ${mustBuild.join(' ')}`);
  if (fault && !c.on('ignore-pull-failures')) throw fault;
  return 0;
};

/** Images that are built here go to their registry; the others are not this project's. */
export const push: Command = function* (c) {
  const project = selected(yield* projectOf(c, c.args), c.args, c.on('include-deps'));
  const services = Object.entries(servicesOf(project.model));
  const isOwn = (s: Mapping) => s.build !== undefined && s.image !== undefined;
  for (const [name, s] of services) if (!isOwn(s)) yield* tellService(name, 'Skipped');
  for (const [name, s] of services.filter(([, one]) => isOwn(one))) {
    const failure = yield* pushed(c, imageOf(project, name, s));
    if (failure === null) continue;
    if (!c.on('ignore-push-failures')) throw failure;
    yield* warn(`Pushing ${name}: ${failure.message}`);
  }
  return 0;
};

function* pushed(c: Ctx, image: string): Script<CommandError | null> {
  const { name, tag } = nameAndTag(image);
  try {
    const r = yield* call(c, 'POST', pathOf(`/images/${segment(name)}/push`, { tag }), '', yield* authHeader(c, image));
    yield* showMessages(r.body, 2, true);
    for (const m of messagesOf(r.body)) if (m.id && m.status) yield* warn(` Pushing ${image}: ${m.id} ${m.status} `);
    return null;
  } catch (e) {
    if (e instanceof CommandError) return e;
    throw e;
  }
}
