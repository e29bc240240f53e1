"""Which names are names of secrets."""

from __future__ import annotations

from dayjob.secret_names import is_secret_name

SECRET = """
password PASSWORD PassWord passwords password2 new_password2 passwordConfirm db_password userpassword passwd
MYSQL_PWD pwd1 pw pass DB_PASS user_pass passphrase passcode secret secrets client_secret clientSecret webhookSecret
token tokens TOKEN_VALUE accessToken refreshtoken id_token x-auth-token oauth2_token credential credentials creds
api_key apiKey API-KEY x-api-key apikey apikeys APIKey StashAPIKey secret_key secretKey SECRET_KEY
SECRET_KEY_FALLBACKS signing_key signingKey encryption_key hmac_key ssh_key master_key private_key privateKey
private_key_pem access_key access_key_id aws_secret_access_key account_key license_key jwt bearer bearerToken auth
basic_auth auth_header authHeaders authorization Proxy-Authorization cookie cookies set-cookie dsn connection_string
conn_str otp totp recovery_code auth_code csrf password_hash token_secret api.key prompt_password
"""
OPEN = """
name tokenizer tokenize keyboard key keys author authors authentic passage passages passengers passenger_count
passes passed passive passport pass_count first_pass second_pass bypass compass secretary monkey turnkey path force
token_count max_tokens max_new_tokens num_tokens prompt_tokens token_type token_url tokens_used password_length
password_policy secret_name auth_type auth_user auth_method cookie_name cookie_policy public_key primary_key
foreign_key cache_key sort_key idempotency_key concurrency_key session session_id code zip_code pin header headers
signature sacred id value text data json private_key_path SSH_AUTH_SOCK scene_ids cookbook keywords assignment
design
"""


def test_names_of_secrets_are_known_in_every_spelling() -> None:
    assert [name for name in SECRET.split() if not is_secret_name(name)] == []


def test_names_that_only_look_like_it_are_left_alone() -> None:
    assert [name for name in OPEN.split() if is_secret_name(name)] == []


def test_a_name_of_any_length_is_judged_by_its_end() -> None:
    assert is_secret_name("x" * 1_000_000 + "_password")
    assert not is_secret_name("password" * 100_000 + "_length")
