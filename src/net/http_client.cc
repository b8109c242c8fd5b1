// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <array>
#include <memory>

#include <curl/curl.h>

#include "base/text.h"

namespace provost::net {
namespace {

struct EndHandle {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct EndList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, EndHandle>;
using List = std::unique_ptr<curl_slist, EndList>;

struct Incoming {
    HttpResponse response;
    std::size_t longest_body;
};

std::size_t on_body(char const* bytes, std::size_t, std::size_t count, void* to)
{
    auto& incoming = *static_cast<Incoming*>(to);
    if (incoming.response.body.size() + count > incoming.longest_body) return 0;
    incoming.response.body.append(bytes, count);
    return count;
}

std::size_t on_header(char const* bytes, std::size_t, std::size_t count, void* to)
{
    auto& response = static_cast<Incoming*>(to)->response;
    std::string_view const line(bytes, count);
    // A new status line: what came before belonged to a "100 Continue".
    if (line.substr(0, 5) == "HTTP/") response.headers.clear();
    auto const colon = line.find(':');
    if (colon == std::string_view::npos) return count;
    response.headers.emplace(folded(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    return count;
}

Result<List> header_list(HttpCall const& call)
{
    List list;
    for (auto const& [name, value] : call.headers) {
        if ((name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
            return fail(Fault::invalid, "the header " + escaped(name) + " has a line end or a NUL in it");
        }
        // "Name;" is libcurl's way to send a field without a value.
        auto const line = value.empty() ? name + ";" : name + ": " + value;
        auto* longer = curl_slist_append(list.get(), line.c_str());
        if (!longer) return fail(Fault::unavailable, "out of memory for headers");
        static_cast<void>(list.release());
        list.reset(longer);
    }
    return list;
}

void set_request(CURL* handle, HttpCall const& call, curl_slist* headers)
{
    curl_easy_setopt(handle, CURLOPT_URL, call.url.c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    if (call.method == "HEAD") {
        curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    } else {
        curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, call.method.c_str());
    }
    if (!call.body.empty() || call.method == "POST" || call.method == "PUT" || call.method == "PATCH") {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, call.body.c_str());
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    }
}

void set_conduct(CURL* handle, HttpCall const& call)
{
    if (!call.unix_socket.empty()) curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, call.unix_socket.c_str());
    if (!call.ca_file.empty()) {
        curl_easy_setopt(handle, CURLOPT_CAINFO, call.ca_file.c_str());
        curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
    }
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(call.connect_time.count()));
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(call.total_time.count()));
}

}  // namespace

Result<HttpResponse> call(HttpCall const& call)
{
    static auto const started = curl_global_init(CURL_GLOBAL_DEFAULT);
    Handle const handle(started == CURLE_OK ? curl_easy_init() : nullptr);
    if (!handle) return fail(Fault::unavailable, "libcurl does not start");
    auto const headers = TRY(header_list(call));

    Incoming incoming{{}, call.longest_body};
    incoming.response.type.clear();
    std::array<char, CURL_ERROR_SIZE> words{};
    set_request(handle.get(), call, headers.get());
    set_conduct(handle.get(), call);
    curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &incoming);
    curl_easy_setopt(handle.get(), CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(handle.get(), CURLOPT_HEADERDATA, &incoming);
    curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, words.data());

    auto const code = curl_easy_perform(handle.get());
    if (code != CURLE_OK) {
        auto const& where = call.unix_socket.empty() ? call.url : call.unix_socket;
        std::string const why = words[0] != '\0' ? words.data() : curl_easy_strerror(code);
        long asked = 0;  // bytes; libcurl also calls a reply's version of HTTP an unsupported protocol
        curl_easy_getinfo(handle.get(), CURLINFO_REQUEST_SIZE, &asked);
        bool const malformed = code == CURLE_URL_MALFORMAT || (code == CURLE_UNSUPPORTED_PROTOCOL && asked == 0);
        return fail(malformed ? Fault::invalid : Fault::unavailable, escaped(where) + ": " + escaped(why));
    }
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    incoming.response.status = static_cast<int>(status);
    auto const type = incoming.response.headers.find("content-type");
    if (type != incoming.response.headers.end()) incoming.response.type = type->second;
    return std::move(incoming.response);
}

}  // namespace provost::net
