// SPDX-License-Identifier: Apache-2.0
// Accepts on one listening socket, on one loop. For the other files of this room only.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "net/fd.h"
#include "net/loop.h"
#include "net/session.h"

namespace provost::net {

// Who is at the other end of an accepted socket; `family` is AF_UNIX, AF_INET or AF_INET6.
Peer peer_of(int socket, int& family);

class Acceptor : public std::enable_shared_from_this<Acceptor> {
public:
    using Accepted = std::function<void(Fd)>;

    Acceptor(Loop& loop, Fd listening, std::string name, Accepted accepted);
    void start();  // both on the loop
    void stop();   // the socket stays open for whoever else holds it

private:
    void wait();
    void accept_all();
    void hand_over(Fd socket);
    void tell_of_trouble(std::string const& trouble);

    Loop& loop_;
    asio::posix::stream_descriptor listening_;
    std::string const name_;
    Accepted accepted_;
    std::string trouble_;  // with accepting, which lasts
};

}  // namespace provost::net
