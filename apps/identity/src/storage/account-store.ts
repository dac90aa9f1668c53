import { Injectable } from '@nestjs/common';
import { AcrossWorkspaces } from './across-workspaces.js';
import type { Queryable } from './database.js';

/** A person who can log in. */
export interface Account {
  readonly id: number;
  /** In lower case. */
  readonly email: string;
  readonly name: string;
}

export interface NewAccount extends Omit<Account, 'id'> {
  readonly passwordHash: string;
}

const FIND_SQL = 'SELECT id, email, name FROM user_account WHERE id = $1';

const FIND_BY_EMAIL_SQL = `
  SELECT id, email, name, password_hash AS "passwordHash" FROM user_account WHERE email = $1`;

const CREATE_SQL = `
  INSERT INTO user_account (email, name, password_hash, created_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (email) DO NOTHING RETURNING id`;

const SET_PASSWORD_SQL =
  'UPDATE user_account SET name = $2, password_hash = $3 WHERE email = $1 RETURNING id';

/** People's accounts. They belong to no workspace, so they are looked up across. */
@Injectable()
export class AccountStore {
  constructor(private readonly across: AcrossWorkspaces) {}

  async find(id: number): Promise<Account | undefined> {
    const [account] = await this.across.query<Account>({ text: FIND_SQL, values: [id] });
    return account;
  }

  /** With the hash that the password is checked against. `email` in lower case. */
  async findByEmail(email: string): Promise<(Account & { passwordHash: string }) | undefined> {
    type Row = Account & { passwordHash: string };
    const [account] = await this.across.query<Row>({ text: FIND_BY_EMAIL_SQL, values: [email] });
    return account;
  }

  /** Returns the account's id, or undefined when the address has an account. */
  async create(on: Queryable, account: NewAccount, now: Date): Promise<number | undefined> {
    const values = [account.email, account.name, account.passwordHash, now];
    const [created] = await on.query<{ id: number }>({ text: CREATE_SQL, values });
    return created?.id;
  }

  /** With a new name and password for the account of this address. */
  async replace(on: Queryable, { email, name, passwordHash }: NewAccount): Promise<number> {
    const query = { text: SET_PASSWORD_SQL, values: [email, name, passwordHash] };
    const [replaced] = await on.query<{ id: number }>(query);
    if (!replaced) throw new Error('an account is gone');
    return replaced.id;
  }
}
