/** A simulation's drawing at both widths, with its table: for the page as it comes, and for what a reader works out there. */
import type { ReactNode } from 'react';

export const Both = ({ wide, narrow, table }: Readonly<Record<'wide' | 'narrow' | 'table', ReactNode>>) => (
  <>
    {wide}
    {narrow}
    <div className="wide-table">{table}</div>
  </>
);
