"""The whole embedded world: a shop and a company, each on its own loopback port, and the environment to reach them.

with Sandbox(orders=500, seed=1) as world:
    os.environ.update(world.environment())
"""

from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import Self

from deploy.sandbox import books_app, shop_app
from deploy.sandbox.books import Books
from deploy.sandbox.books_tokens import App, Tokens
from deploy.sandbox.seeds import BASE_TIME, make_orders
from deploy.sandbox.server import Server
from deploy.sandbox.shop import Shop
from deploy.sandbox.shop_rows import Form


class Sandbox:
    """A shop with `orders` orders (the same for the same `seed`) and a company of the same `template`.

    `minute_seconds` shortens Intuit's minute for limits, `access_seconds` the life of access tokens; `empty` makes a
    company without the names that the rules use; `broken` False leaves out the orders that must be held; `now` is
    the shop's time; `rows` the form in which it shows the row totals of orders (`shop_rows`). `shop_port` and
    `books_port` 0 let the operating system choose.
    """

    def __init__(
        self,
        orders: int = 500,
        seed: int = 1,
        template: str = "us_retail",
        *,
        minute_seconds: float = 60.0,
        access_seconds: float = 3600.0,
        empty: bool = False,
        broken: bool = True,
        now: datetime = BASE_TIME,
        rows: Form = "2.4.7",
        shop_port: int = 0,
        books_port: int = 0,
    ) -> None:
        self.minute_seconds = minute_seconds
        self.shop = Shop(make_orders(orders, seed, template, broken_share=broken, now=now), form=rows)
        self.books = Books(template, empty=empty, minute_seconds=minute_seconds)
        self.tokens = Tokens(App(), access_seconds)
        self._shop_server = Server(shop_app.application(self.shop), shop_port, dated=False)
        self._books_server = Server(books_app.application(self.books, self.tokens), books_port)
        self._running = ExitStack()

    @property
    def shop_url(self) -> str:
        """The store's root."""
        return self._shop_server.url

    @property
    def books_url(self) -> str:
        """The host of the accounting API."""
        return self._books_server.url

    @property
    def token_url(self) -> str:
        """The token endpoint."""
        return f"{self.books_url}/oauth2/v1/tokens/bearer"

    def environment(self, *, oauth: bool = False) -> dict[str, str]:
        """Every variable that MageBooks needs to work with this world; `oauth` signs Magento calls with OAuth 1.0a
        instead of the bearer token. The refresh token is the one valid now."""
        keys, app = self.shop.keys, self.tokens.app
        magento = {
            "MAGENTO_CONSUMER_KEY": keys.consumer_key,
            "MAGENTO_CONSUMER_SECRET": keys.consumer_secret,
            "MAGENTO_ACCESS_TOKEN": keys.token,
            "MAGENTO_ACCESS_TOKEN_SECRET": keys.token_secret,
        }
        return {
            "MAGENTO_BASE_URL": self.shop_url,
            **(magento if oauth else {"MAGENTO_BEARER_TOKEN": keys.token}),
            "QUICKBOOKS_CLIENT_ID": app.client_id,
            "QUICKBOOKS_CLIENT_SECRET": app.client_secret,
            "QUICKBOOKS_REDIRECT_URI": f"{self.books_url}/callback",
            "QUICKBOOKS_REALM_ID": app.realm_id,
            "QUICKBOOKS_SANDBOX": "true",
            "QUICKBOOKS_REFRESH_TOKEN": self.tokens.refresh_token,
            "QUICKBOOKS_API_URL": self.books_url,
            "QUICKBOOKS_TOKEN_URL": self.token_url,
            "QUICKBOOKS_MINUTE_SECONDS": f"{self.minute_seconds:g}",
        }

    def __enter__(self) -> Self:
        self._running.enter_context(self._shop_server)
        self._running.enter_context(self._books_server)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._running.close()
