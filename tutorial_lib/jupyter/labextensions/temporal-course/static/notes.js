// What JupyterLab's notifications say last.

const EVERY = 200; // milliseconds

const later = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/**
 * Updates a notification until the page shows it so.
 *
 * JupyterLab drops an update that comes before the notification is on the page, as the first one of a page may be: its
 * code is loaded then, on a busy machine for longer than any number of seconds. It would say for ever what it said first.
 *
 * @param Notification JupyterLab's module of notifications.
 * @param options As `Notification.update` takes them.
 */
export async function updateUntilShown(Notification, options) {
  Notification.update(options);
  for (let seen = false; Notification.manager.has(options.id);) {
    // eslint-disable-next-line no-await-in-loop -- the page needs the time
    await later(EVERY);
    const shown = document.getElementById(options.id);
    if (shown ? shown.textContent.includes(options.message) : seen) return; // as it is to be, or put away
    if (shown) Notification.update(options);
    seen = Boolean(shown);
  }
}
