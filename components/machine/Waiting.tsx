/** Holds the place of the terminal while it is on its way. On a small screen that may be until somebody touches the page. */
export const Waiting = () => (
  <div className="inside">
    <div className="scr waiting">
      <p className="m dim until-touched">The machine starts at your first touch.</p>
    </div>
  </div>
);
