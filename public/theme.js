// Sets the stored theme before the first paint. A file of its own, so that the policy needs no exception for it.
try {
  const theme = localStorage.getItem('drydock:theme');
  if (theme === 'day' || theme === 'night') document.documentElement.dataset.theme = theme;
} catch {}
