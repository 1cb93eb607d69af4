import Link from 'next/link';

export default function NotFound() {
  return (
    <main id="main" className="lost">
      <p className="cap">404</p>
      <h1>No such file or directory</h1>
      <p>
        There is no page at this address. <Link href="/#contents">All chapters</Link> are listed on the first page.
      </p>
    </main>
  );
}
