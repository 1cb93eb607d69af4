export default function Home() {
  return (
    <main id="main">
      <h1>Learn containers by taking one apart.</h1>
    </main>
  );
}
