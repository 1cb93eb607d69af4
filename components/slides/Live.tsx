'use client';
import { Terminal } from '../machine/Terminal';

export default function Live() {
  return <Terminal shown />;
}
