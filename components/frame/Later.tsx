'use client';
/** Brings what a page can do without at first. */
import { useEffect } from 'react';

export function Later() {
  useEffect(() => void import('./later').then(({ begin }) => begin()), []);
  return null;
}
