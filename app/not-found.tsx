import { Go } from '../components/frame/Go';
import { TopBar } from '../components/frame/TopBar';

export default function NotFound() {
  return (
    <>
      <TopBar />
      <main id="main" className="lost">
        <p className="cap">404</p>
        <h1>No such file or directory</h1>
        <p>
          There is no page at this address. <Go href="/#contents">All chapters</Go> are listed on the first page, every command has a page
          in the <Go href="/reference">reference</Go>, and the <Go href="/search">search</Go> looks through all of it.
        </p>
      </main>
    </>
  );
}
