// What JupyterLab's notifications say last.

const EVERY = 200; // milliseconds
const TRIES = 25;

const later = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/**
 * Updates a notification until the page shows it so.
 *
 * JupyterLab drops an update that comes before the notification is on the page, as the first one of a page may be: its
 * code is loaded then. It would say for ever what it said first.
 *
 * @param Notification JupyterLab's module of notifications.
 * @param options As `Notification.update` takes them.
 */
export async function updateUntilShown(Notification, options) {
  for (let tries = 0; tries < TRIES; tries++) {
    Notification.update(options);
    // eslint-disable-next-line no-await-in-loop -- the page needs the time
    await later(EVERY);
    if (document.getElementById(options.id)?.textContent.includes(options.message)) return;
  }
}
