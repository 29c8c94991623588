"""The list of commands: name, where its code lives, one line of help, examples. Nothing is imported here."""

from typing import NamedTuple

from cyclopts import App, Group

SUMMARY = "Carries Magento orders into QuickBooks as documents an accountant would sign."
EPILOGUE = "Topics: magebooks help environment | exit-codes | json | rules | files | gateway | problems"
SHORT_HELP = """\
magebooks carries Magento orders into QuickBooks.

  magebooks demo                     see it work, without any account
  magebooks sync --from yesterday    bring yesterday's orders into the books
  magebooks held                     what needs your attention, and what to do

Start      demo, init, connect, qwc, doctor, setup
Every day  sync, settle, preview, status, held, gateway
Put right  explain, retry, release
Rules      rules check, rules facts, rules show, rules keep, rules accept

More: magebooks COMMAND --help, magebooks help TOPIC"""

START = Group("Start", sort_key=1)
EVERY_DAY = Group("Every day", sort_key=2)
PUT_RIGHT = Group("Put right", sort_key=3)
RULES = Group("Rules", sort_key=4)
MORE = Group("More", sort_key=5)


class Command(NamedTuple):
    """`path` is `module:function`, imported when the command is called; `examples` are shown under its help."""

    name: str
    path: str
    group: Group
    help: str
    examples: tuple[str, ...]


COMMANDS = (
    Command(
        "demo",
        "deploy.cli.demo:demo",
        START,
        "See the whole story in an embedded shop and QuickBooks company, no accounts needed.",
        ("magebooks demo", "magebooks demo --target both", "magebooks demo --orders 2000 --template eu_vat"),
    ),
    Command(
        "init",
        "deploy.cli.init:init",
        START,
        "Make a home: rules.toml from a template, an .env to fill in, a vault key.",
        ("magebooks init", "magebooks init --template eu_vat --home /srv/magebooks/acme"),
    ),
    Command(
        "qwc",
        "deploy.cli.qwc:qwc",
        START,
        "Introduce this company to the QuickBooks Web Connector: write its .qwc file.",
        ("magebooks qwc", "magebooks qwc --output acme.qwc --minutes 30"),
    ),
    Command(
        "doctor",
        "deploy.cli.doctor:doctor",
        START,
        "Check both connections, permissions, company settings, rules and this machine.",
        ("magebooks doctor", "magebooks doctor --json"),
    ),
    Command(
        "setup",
        "deploy.cli.setup:setup",
        START,
        "Create in QuickBooks what the rules name and the company lacks, after showing it.",
        ("magebooks setup", "magebooks setup --yes"),
    ),
    Command(
        "sync",
        "deploy.cli.sync:sync",
        EVERY_DAY,
        "Bring a date range into the books, or everything new since the last time.",
        ("magebooks sync", "magebooks sync --from 2026-11-01 --to 2026-11-08", "magebooks sync --dry-run"),
    ),
    Command(
        "preview",
        "deploy.cli.preview:preview",
        EVERY_DAY,
        "Show what a date range would post, debits and credits; write nothing.",
        ("magebooks preview --from yesterday --to today",),
    ),
    Command(
        "settle",
        "deploy.cli.settle:settle",
        EVERY_DAY,
        "Book payouts of PayPal, Stripe, Adyen or Braintree from their files: bank, fees, chargebacks.",
        ("magebooks settle paypal-november.csv", "magebooks settle stripe.csv adyen.csv --json"),
    ),
    Command(
        "status",
        "deploy.cli.status:status",
        EVERY_DAY,
        "Where things stand: what needs attention, what is on its way, what is in the books.",
        ("magebooks status", "magebooks status --json"),
    ),
    Command(
        "held",
        "deploy.cli.held:held",
        EVERY_DAY,
        "What needs your attention, one line per cause, with what waits behind it and what to do.",
        ("magebooks held", "magebooks held --json"),
    ),
    Command(
        "gateway",
        "deploy.cli.gateway:gateway",
        EVERY_DAY,
        "Serve the QuickBooks Web Connector, which fetches documents for QuickBooks Desktop.",
        ("magebooks gateway", "magebooks gateway --host 0.0.0.0 --port 8770"),
    ),
    Command(
        "explain",
        "deploy.cli.explain:explain",
        PUT_RIGHT,
        "One order from Magento to the books: its lines, the rules behind them, its story; or why it has none.",
        ("magebooks explain 000000042", "magebooks explain creditmemo/000000007", "magebooks explain 000000042 --json"),
    ),
    Command(
        "retry",
        "deploy.cli.retry:retry",
        PUT_RIGHT,
        "Try documents again that QuickBooks rejected, or may have: those are looked up first.",
        ("magebooks retry order/000000042", "magebooks retry --all"),
    ),
    Command(
        "release",
        "deploy.cli.retry:release",
        PUT_RIGHT,
        "Let a document through that a review rule holds.",
        ("magebooks release order/000000042",),
    ),
    Command(
        "help",
        "deploy.cli.help:show",
        MORE,
        "Help on a topic (environment, exit-codes, json, rules, files, gateway) or a command.",
        ("magebooks help", "magebooks help environment", "magebooks help sync"),
    ),
)

CONNECT = Command(
    "quickbooks",
    "deploy.cli.connect:quickbooks",
    START,
    "Sign in at Intuit in the browser; the tokens go into the vault.",
    ("magebooks connect quickbooks", "magebooks connect quickbooks --no-browser"),
)

RULES_COMMANDS = (
    Command(
        "check",
        "deploy.cli.rules_check:check",
        RULES,
        "Is the rules file valid, does every rule decide something, and what does it leave open?",
        ("magebooks rules check", "magebooks rules check --file other.toml"),
    ),
    Command(
        "facts",
        "deploy.cli.rules:facts",
        RULES,
        "What rules may ask about an order.",
        ("magebooks rules facts", "magebooks rules facts payment"),
    ),
    Command(
        "show",
        "deploy.cli.rules:show",
        RULES,
        "The rules as sentences, all or one row.",
        ("magebooks rules show", "magebooks rules show paypal"),
    ),
    Command(
        "keep",
        "deploy.cli.rules_examples:keep",
        RULES,
        "Keep what the rules make of an order as an example that every check runs.",
        ("magebooks rules keep 000000042", 'magebooks rules keep 000000042 --name "paypal with coupon"'),
    ),
    Command(
        "accept",
        "deploy.cli.rules_examples:accept",
        RULES,
        "Accept that examples changed: what the rules make of them now is right.",
        ('magebooks rules accept "paypal with coupon"',),
    ),
)


def register(app: App) -> None:
    """Add every command to `app`, lazily."""
    for command in COMMANDS:
        _add(app, command)
    connect = App(name="connect", help="Connect to QuickBooks Online.", group=START, help_format="plaintext")
    _add(connect, CONNECT)
    app.command(connect)
    rules = App(name="rules", help="The rules file: valid, covered, explained.", group=RULES, help_format="plaintext")
    for command in RULES_COMMANDS:
        _add(rules, command)
    app.command(rules)


def _add(app: App, command: Command) -> None:
    examples = "Examples\n\n" + "\n".join(f"  {example}" for example in command.examples)
    app.command(
        command.path,
        name=command.name,
        help=command.help,
        group=command.group,
        help_prologue=examples,
        help_epilogue="",
    )
