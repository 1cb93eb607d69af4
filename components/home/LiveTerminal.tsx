'use client';
import { Notice } from '../machine/Notice';
import { Terminal } from '../machine/Terminal';

export default function LiveTerminal() {
  return (
    <>
      <Notice />
      <Terminal shown />
    </>
  );
}
