import enum
from sqlalchemy import (BigInteger, CheckConstraint, Column, Computed, DateTime, Enum, ForeignKey, Identity, Index, Integer, Numeric, String, Text, UniqueConstraint, func, text)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class State(enum.Enum):
    open = "open"
    done = "done"


class Customer(Base):
    __tablename__ = "customer"
    __table_args__ = {"comment": "Who pays; 100% of them"}
    id = Column(BigInteger, Identity(), primary_key=True)
    name = Column(String(80), nullable=False, unique=True)
    key = Column(UUID(as_uuid=True), server_default=text("gen_random_uuid()"))
    tags = Column(ARRAY(Text), nullable=False, server_default="{}")


class Order(Base):
    __tablename__ = "order"
    __table_args__ = (
        CheckConstraint("total >= 0 AND note NOT LIKE '%;%'", name="order_total"),
        UniqueConstraint("customer_id", "number", name="order_number"),
        Index("order_open", "customer_id", postgresql_where=text("state = 'open'")),
        Index("order_data", "data", postgresql_using="gin"),
    )
    id = Column(Integer, primary_key=True)
    customer_id = Column(ForeignKey("customer.id", ondelete="CASCADE"), nullable=False)
    number = Column(Integer, nullable=False)
    state = Column(Enum(State, name="state"), nullable=False, server_default="open")
    total = Column(Numeric(12, 2), nullable=False)
    twice = Column(Numeric, Computed("total * 2"))
    note = Column(Text, comment="It's free")
    data = Column(JSONB)
    at = Column(DateTime(timezone=True), server_default=func.now())
