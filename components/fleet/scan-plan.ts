/** The simulation of matching parts with advisories: what is worked out from what a reader typed, and where it lies on a scale of years. */
import { ADVISORIES, type Advisory, type By, type Found, readParts, scan } from '../../lib/fleet';

export interface ScanSettings {
  /** Lines of `packager name version`. */
  parts: string;
  /** Year-month-day. */
  day: string;
  by: By;
}

export const FIRST_SCAN: ScanSettings = {
  parts: 'deb openssl 1.0.1e-2+deb7u4\nmaven log4j-core 2.14.1\ndeb xz-utils 5.2.4-1\napk xz 5.6.1-r1\n',
  day: '2021-12-09',
  by: 'distribution',
};

export interface ScanView {
  settings: ScanSettings;
  found: Found[];
  /** Lines that are no part. */
  unread: number;
  known: number;
}

/** The years that the scale shows: from one before the first of the advisories to one after the last. */
const yearsOf = (list: readonly Advisory[]) => list.map((a) => Number(a.day.slice(0, 4)));
export const FROM = Math.min(...yearsOf(ADVISORIES)) - 1;
export const TO = Math.max(...yearsOf(ADVISORIES)) + 2;

/** A day as it was typed, or the one that stood there: one that is in the calendar. */
export function dayOf(typed: string, else_: string): string {
  const day = typed.trim();
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(at) || !new Date(at).toISOString().startsWith(day) ? else_ : day;
}

/** Lines that are read; a longer list is cut. */
const MOST = 12;

export function scanView(settings: ScanSettings): ScanView {
  const { parts, unread } = readParts(settings.parts);
  const found = scan(parts.slice(0, MOST), settings.day, settings.by);
  return { settings, found, unread, known: found.reduce((n, f) => n + f.known.length, 0) };
}

/** Where a day lies on a scale `w` wide, from 0. */
export function placeOf(day: string, w: number): number {
  const [year = FROM, month = 1, date = 1] = day.split('-').map(Number);
  const at = (year + (month - 1) / 12 + (date - 1) / 372 - FROM) / (TO - FROM);
  return Math.min(1, Math.max(0, at)) * w;
}
