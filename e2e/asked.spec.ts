/** Tasks and questions of the chapter, done by a person: on the way, wrong, right, by keyboard, and after a reload. */
import type { Locator, Page } from '@playwright/test';
import { CHAPTER, expect, machineReady, screen, stepNow, stir, test, type } from './page';

const ask = (page: Page, title: string | RegExp) => page.locator('.ask').filter({ has: page.getByRole('heading', { name: title }) });
const facts = (task: Locator) => task.locator('.facts li');

/** A radio's place among the options that can still be chosen. */
async function answerWith(quiz: Locator, option: string | RegExp) {
  await quiz.getByRole('radio', { name: option, exact: true }).check();
  await quiz.getByRole('button', { name: 'answer', exact: true }).click();
  await expect(quiz.getByRole('status')).not.toBeEmpty();
}

test('a task says what is missing until it is done, and remembers it', async ({ page }) => {
  await machineReady(page);
  const task = ask(page, /change one, spare the other/);
  await expect(task.getByText('0 of 4 hold')).toBeVisible();
  await expect(task.getByRole('status')).toContainText('There is no container left.');
  await expect(task.getByRole('button', { name: 'show me where' })).toBeDisabled();

  await task.getByRole('button', { name: /run it/ }).click();
  await expect(task.getByText('3 of 4 hold')).toBeVisible();
  await expect(task.getByRole('status')).toContainText('left reads /srv/index');
  await expect(facts(task).first()).toContainText('missing');
  await expect(facts(task).nth(1)).toContainText('since step 3');

  await task.getByRole('button', { name: 'show me where' }).click();
  await expect(page.locator('.which select')).toHaveValue('left');
  await task.getByRole('button', { name: 'a hint' }).click();
  await expect(task.locator('.hints li')).toHaveCount(1);
  await task.getByRole('button', { name: /another hint/ }).click();
  await expect(task.locator('.hints li')).toHaveCount(2);

  await type(page, "for c in left right; do docker exec $c sh -c 'echo closed > /srv/index'; done");
  await expect(task.getByRole('status')).toContainText('Both containers were written to.');
  await page.getByRole('button', { name: 'undo', exact: true }).click();
  await type(page, "docker exec left sh -c 'echo closed > /srv/index'");
  await expect(task.getByText('done ✓', { exact: true })).toBeVisible();
  await expect(task.getByRole('status')).toContainText('The first write copied');

  await page.getByRole('button', { name: 'undo', exact: true }).click();
  await expect(task.getByText('3 of 4 hold, done before')).toBeVisible();
  await page.reload();
  await expect(screen(page)).toContainText('#');
  await expect(task.getByText('done before')).toBeVisible();
  await expect(task.locator('.hints li')).toHaveCount(2);
});

test('a solution can be looked at and run', async ({ page }) => {
  await machineReady(page);
  const task = ask(page, /change one, spare the other/);
  await task.getByRole('button', { name: /run it/ }).click();
  await expect(task.getByText('3 of 4 hold')).toBeVisible();
  await task.getByRole('button', { name: 'a solution' }).click();
  await task
    .locator('.console')
    .last()
    .getByRole('button', { name: /run it/ })
    .click();
  await expect(task.getByText('done ✓', { exact: true })).toBeVisible();
});

test('a wrong answer is struck through and its world is run; the right one is still to be found', async ({ page, context }) => {
  await machineReady(page);
  const quiz = ask(page, /which layer answers/);
  await expect(quiz.getByRole('radio')).toHaveCount(4);
  await quiz.getByRole('button', { name: 'answer', exact: true }).click();
  await expect(quiz.getByRole('status')).toContainText('Choose an answer first.');

  await answerWith(quiz, 'hello');
  await expect(quiz.locator('.struck')).toContainText('your answer');
  await expect(quiz.locator('.struck')).toContainText('✗');
  await expect(quiz.getByRole('status')).toContainText('Not on this machine.');
  await expect(quiz.getByRole('status').locator('.term')).toContainText('docker run --rm stack cat /srv/index\nhello');
  await expect(quiz.getByText('second try')).toBeVisible();
  await expect(quiz.getByRole('radio')).toHaveCount(3);

  const [world] = await Promise.all([context.waitForEvent('page'), quiz.getByRole('link', { name: /open that world/ }).click()]);
  await expect(screen(world)).toContainText('docker run --rm stack cat /srv/index');
  await expect(world.locator('.notice')).toContainText('came with a link');
  await world.close();

  await answerWith(quiz, 'ahoy');
  await expect(quiz.getByRole('status')).toContainText('Right.');
  await expect(quiz.getByText('right ✓, second try')).toBeVisible();
  await page.reload();
  await expect(quiz.getByText('answered before ✓')).toBeVisible();
});

test('another try asks with other words', async ({ page }) => {
  await machineReady(page);
  const quiz = ask(page, /which layer answers/);
  const command = quiz.locator('.q');
  const before = await command.textContent();
  await answerWith(quiz, 'hello');
  await quiz.getByRole('button', { name: 'try again' }).click();
  await expect(quiz.getByRole('radio')).toHaveCount(4);
  await expect(command).not.toHaveText(before ?? '');
  await expect(quiz.getByText('second try')).toBeVisible();
});

test('with the keyboard alone: a choice, an order, a number', async ({ page }) => {
  await machineReady(page);
  const choice = ask(page, 'Who said no?');
  await choice.getByRole('radio').first().focus();
  await page.keyboard.press('Space');
  for (let i = 0; i < 4 && !(await choice.getByRole('radio', { name: /the mount/ }).isChecked()); i++)
    await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(choice.getByRole('status')).toContainText('Right.');
  await expect(choice.getByRole('button', { name: 'ask me once more' })).toBeFocused();

  const order = ask(page, /save the report/);
  const wanted = [/docker run/, /docker exec/, /docker cp/, /docker rm/];
  const items = order.locator('.places li');
  for (const [place, item] of wanted.entries()) {
    const row = items.filter({ hasText: item });
    const at = async () => (await items.allTextContents()).findIndex((text) => item.test(text));
    if ((await at()) === place) continue;
    await row.getByRole('button', { name: /^Move up/ }).focus();
    for (let left = await at(); left > place; left--) {
      await page.keyboard.press('Enter');
      await expect(items.nth(left - 1)).toContainText(item);
      await expect(row.locator('button:focus')).toHaveCount(1);
    }
  }
  await order.getByRole('button', { name: 'answer', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(order.getByRole('status')).toContainText('Right.');

  const number = ask(page, /^Count: layers/);
  await number.getByRole('textbox').focus();
  await page.keyboard.type('5');
  await page.keyboard.press('Enter');
  await expect(number.getByRole('status')).toContainText('Another number.');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('2');
  await page.keyboard.press('Enter');
  await expect(number.getByRole('status')).toContainText('Right.');
});

test('pairs are matched; a wrong pair is explained', async ({ page }) => {
  await machineReady(page);
  const quiz = ask(page, /what does docker diff say/);
  await quiz.getByRole('button', { name: 'answer', exact: true }).click();
  await expect(quiz.getByRole('status')).toContainText('Choose a number for each line first.');
  const pairs: [RegExp, string][] = [
    [/a file is written/, 'C /srv … C /srv/conf'],
    [/a file is made: /, 'A /srv/note … C /srv'],
    [/a file is deleted/, 'C /srv … D /srv/conf'],
    [/made and deleted again/, 'C /srv … C /srv'],
    [/renamed/, 'A /srv/note … D /srv/conf'],
  ];
  for (const [left] of pairs) await quiz.getByRole('combobox', { name: left }).selectOption({ index: 1 });
  await quiz.getByRole('button', { name: 'answer', exact: true }).click();
  await expect(quiz.getByRole('status')).toContainText('Not all of these pairs.');
  for (const [left, right] of pairs) {
    const box = quiz.getByRole('combobox', { name: left });
    const options = await box.getByRole('option').allTextContents();
    const at = options.findIndex((text) => text.endsWith(`: ${right}`));
    await box.selectOption({ index: at >= 0 ? at : options.findIndex((text) => /: (C \/srv|\(nothing\))$/.test(text)) });
  }
  await quiz.getByRole('button', { name: 'answer', exact: true }).click();
  await expect(quiz.getByRole('status')).toContainText('Right.');
});

test('a browser without room says that it will forget what is solved', async ({ page }) => {
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  await machineReady(page);
  const quiz = ask(page, /which layer answers/);
  await answerWith(quiz, 'ahoy');
  await expect(quiz.getByRole('status')).toContainText('no room left');
});

test('damaged marks in the storage count as none', async ({ page }) => {
  await page.addInitScript(() => localStorage.setItem('drydock:solved:unionfs', '{"whose-index":7,"spare":'));
  await machineReady(page);
  await expect(ask(page, /which layer answers/).getByRole('radio')).toHaveCount(4);
});

test('tasks follow the machine through undo and a branch', async ({ page }) => {
  await machineReady(page);
  const task = ask(page, /save the work/);
  await expect(task.getByText('1 of 2 hold')).toBeVisible();
  await task.getByRole('button', { name: /run it/ }).click();
  await expect(task.getByText('0 of 2 hold')).toBeVisible();
  await type(page, 'docker commit ledger kept');
  await expect(task.getByText('1 of 2 hold')).toBeVisible();
  await page.getByRole('button', { name: 'undo', exact: true }).click();
  await expect(task.getByText('0 of 2 hold')).toBeVisible();
  await type(page, 'docker rm ledger');
  await expect(task.getByText('1 of 2 hold')).toBeVisible();
  await page.getByRole('button', { name: 'branch', exact: true }).click();
  await expect(stepNow(page)).toHaveAccessibleName(/docker commit/);
  await type(page, 'docker rm ledger');
  await expect(task.getByText('done ✓', { exact: true })).toBeVisible();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });
  test('a task opens the machine where something is missing', async ({ page }) => {
    await page.goto(CHAPTER);
    await stir(page);
    const task = ask(page, /change one, spare the other/);
    await task.getByRole('button', { name: /run it/ }).click();
    await expect(task.getByText('3 of 4 hold')).toBeVisible();
    await task.getByRole('button', { name: 'show me where' }).click();
    await expect(page.locator('.machine.open')).toBeVisible();
    await expect(page.locator('.which select')).toHaveValue('left');
  });
  test('nothing is wider than the screen', async ({ page }) => {
    await page.goto(CHAPTER);
    await stir(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('tasks and questions read in full and say what answering needs', async ({ page }) => {
    await page.goto(CHAPTER);
    const task = ask(page, /change one, spare the other/);
    await expect(facts(task)).toHaveCount(4);
    await expect(task.locator('noscript p')).toBeVisible();
    await expect(task.getByRole('button')).toHaveCount(0);
    const quiz = ask(page, /which layer answers/);
    await expect(quiz.locator('.opts li')).toHaveCount(4);
    await expect(quiz.locator('noscript p')).toBeVisible();
  });
});
