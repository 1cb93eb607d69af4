/** The heads of a table's columns; those named in `num` stand over figures, at the right. */
export const Heads = <N extends string>({ of, num = [] }: { of: readonly N[]; num?: readonly NoInfer<N>[] }) => (
  <thead>
    <tr>
      {of.map((name) => (
        <th key={name} scope="col" className={num.includes(name) ? 'num' : undefined}>
          {name}
        </th>
      ))}
    </tr>
  </thead>
);
